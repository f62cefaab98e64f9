//! A point in time, read from RFC 3339 by hand: a date library would cost more in the browser than all pages together.

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const DAY: i64 = 86_400;

/// The server's time when the page was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Now(Option<Moment>);

impl Now {
    /// Reads it; a time that cannot be read makes every relative time empty.
    pub(crate) fn of(text: &str) -> Self {
        Self(Moment::parse(text))
    }
}

/// A point in time, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    seconds: i64,
    millis: u16,
}

/// The parts of a time as people read them.
struct Civil {
    year: i64,
    month: &'static str,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
}

impl Moment {
    /// Reads RFC 3339, such as `2026-10-08T14:32:07.120Z`. `None` for anything else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
        let mark = |at: usize, set: &[u8]| bytes.get(at).is_some_and(|byte| set.contains(byte));
        let marks = [
            (4, &b"-"[..]),
            (7, b"-"),
            (10, b"Tt "),
            (13, b":"),
            (16, b":"),
        ];
        if !text.is_ascii() || !marks.iter().all(|(at, set)| mark(*at, set)) {
            return None;
        }
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
        let valid = (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && (0..24).contains(&hour)
            && (0..60).contains(&minute);
        if !valid || !(0..=60).contains(&second) {
            return None;
        }
        let rest = text.get(19..)?;
        let zone_at = rest.find(['Z', 'z', '+', '-'])?;
        let (fraction, zone) = rest.split_at(zone_at);
        let millis = fraction.strip_prefix('.').map_or(Some(0), |digits| {
            format!("{digits:0<3}").get(..3)?.parse().ok()
        })?;
        let seconds =
            days(year, month, day) * DAY + hour * 3_600 + minute * 60 + second - offset(zone)?;
        Some(Self { seconds, millis })
    }

    fn civil(self) -> Civil {
        let (year, month, day) = date(self.seconds.div_euclid(DAY));
        let rest = self.seconds.rem_euclid(DAY);
        let month = usize::try_from(month - 1)
            .ok()
            .and_then(|at| MONTHS.get(at))
            .copied()
            .unwrap_or("");
        Civil {
            year,
            month,
            day,
            hour: rest / 3_600,
            minute: rest / 60 % 60,
            second: rest % 60,
        }
    }

    /// In a sentence: today `14:32 UTC`, this year `6 Oct 09:12 UTC`, else `14 Mar 2025 09:12 UTC`.
    pub(crate) fn sentence(self, now: Now) -> String {
        let today = now
            .0
            .is_some_and(|now| now.seconds.div_euclid(DAY) == self.seconds.div_euclid(DAY));
        let c = self.civil();
        if today {
            format!("{:02}:{:02} UTC", c.hour, c.minute)
        } else {
            format!("{} UTC", self.cell(now))
        }
    }

    /// In a column whose head says UTC: `6 Oct 09:12`, with the year where it is another.
    pub(crate) fn cell(self, now: Now) -> String {
        let c = self.civil();
        format!("{} {:02}:{:02}", self.day(now), c.hour, c.minute)
    }

    /// With seconds, for logs, accesses and the audit trail: `6 Oct 09:12:07`.
    pub(crate) fn seconds_cell(self, now: Now) -> String {
        format!("{}:{:02}", self.cell(now), self.civil().second)
    }

    /// The day alone: `6 Oct`, with the year where it is another.
    pub(crate) fn day(self, now: Now) -> String {
        let c = self.civil();
        if now.0.is_some_and(|now| now.civil().year == c.year) {
            format!("{} {}", c.day, c.month)
        } else {
            format!("{} {} {}", c.day, c.month, c.year)
        }
    }

    /// A log line's time: `14:32:07.120`.
    pub(crate) fn log(self) -> String {
        let c = self.civil();
        format!(
            "{:02}:{:02}:{:02}.{:03}",
            c.hour, c.minute, c.second, self.millis
        )
    }

    /// An event's exact time: `8 Oct 2026 14:32:07.120 UTC`.
    pub(crate) fn exact(self) -> String {
        let c = self.civil();
        format!("{} {} {} {} UTC", c.day, c.month, c.year, self.log())
    }

    /// Beside a time: `now`, `14 min ago`, `in 18 h 14 min`. Empty where the server's time is not known.
    pub(crate) fn relative(self, now: Now) -> String {
        let Some(now) = now.0 else {
            return String::new();
        };
        let span = self.seconds - now.seconds;
        let words = match span.abs() {
            0..60 => return "now".to_owned(),
            seconds @ 60..3_600 => format!("{} min", seconds / 60),
            seconds if seconds < DAY && span > 0 && seconds / 60 % 60 > 0 => {
                format!("{} h {} min", seconds / 3_600, seconds / 60 % 60)
            }
            seconds if seconds < 2 * DAY => format!("{} h", seconds / 3_600),
            seconds => format!("{} d", seconds / DAY),
        };
        if span > 0 {
            format!("in {words}")
        } else {
            format!("{words} ago")
        }
    }
}

/// Seconds east of UTC.
fn offset(zone: &str) -> Option<i64> {
    match zone.as_bytes() {
        b"Z" | b"z" => Some(0),
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let seconds = zone.get(1..3)?.parse::<i64>().ok()? * 3_600
                + zone.get(4..6)?.parse::<i64>().ok()? * 60;
            Some(if *sign == b'-' { -seconds } else { seconds })
        }
        _ => None,
    }
}

/// Days since 1970 of a date, by the era method: 400 years have a whole number of weeks.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date of a day since 1970: the way back of [`days`].
const fn date(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (
        year + era * 400 + if month <= 2 { 1 } else { 0 },
        month,
        day,
    )
}

#[cfg(test)]
mod tests {
    use super::{Moment, Now, date, days};

    fn moment(text: &str) -> Moment {
        Moment::parse(text).unwrap()
    }

    #[test]
    fn rfc_3339_is_read_with_fraction_and_offset() {
        assert_eq!(moment("1970-01-01T00:00:00Z").seconds, 0);
        assert_eq!(
            moment("2026-10-08T14:32:07.12Z").exact(),
            "8 Oct 2026 14:32:07.120 UTC"
        );
        assert_eq!(
            moment("2026-10-08T16:32:07.123456+02:00"),
            moment("2026-10-08T14:32:07.123Z")
        );
        for bad in [
            "",
            "2026-10-08",
            "2026-13-08T14:32:07Z",
            "2026-10-08T14:32:07",
            "2026-10-08T14:32:07+2",
            "é026-10-08T14:32:07Z",
        ] {
            assert_eq!(Moment::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn every_day_of_five_centuries_comes_back() {
        for day in -146_097..146_097 {
            let (year, month, date) = date(day);
            assert_eq!(days(year, month, date), day);
        }
    }

    #[test]
    fn times_are_written_as_people_read_them() {
        let now = Now::of("2026-10-08T14:46:08Z");
        assert_eq!(moment("2026-10-08T14:32:07Z").sentence(now), "14:32 UTC");
        assert_eq!(
            moment("2026-10-06T09:12:00Z").sentence(now),
            "6 Oct 09:12 UTC"
        );
        assert_eq!(
            moment("2025-03-14T09:12:00Z").cell(now),
            "14 Mar 2025 09:12"
        );
        assert_eq!(
            moment("2026-10-06T09:12:07Z").seconds_cell(now),
            "6 Oct 09:12:07"
        );
        let relative = |text: &str| moment(text).relative(now);
        assert_eq!(relative("2026-10-08T14:45:50Z"), "now");
        assert_eq!(relative("2026-10-08T14:32:00Z"), "14 min ago");
        assert_eq!(relative("2026-10-09T09:00:08Z"), "in 18 h 14 min");
        assert_eq!(relative("2026-10-06T09:12:00Z"), "2 d ago");
        assert_eq!(
            moment("2026-10-08T14:32:00Z").relative(Now::of("nonsense")),
            ""
        );
    }
}
