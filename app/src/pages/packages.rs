//! "Which evidence packages are there, and what is made by itself?"

mod detail;
mod list;
mod schedules;

pub(crate) use detail::PackagePage;
pub(crate) use list::PackagesPage;
pub(crate) use schedules::SchedulesPage;

use domain::controls::Framework;
use domain::view::package::PackageRow;

/// "SOC 2, every agent".
fn about(framework: Framework, agent: Option<&String>) -> String {
    let agent = agent.map_or("every agent", String::as_str);
    format!("{}, {agent}", framework.label())
}

/// "2026-01-01 00:00 to before 2026-04-01 00:00 UTC".
fn period(from: &str, to: &str) -> String {
    format!("{} to before {} UTC", minute(from), minute(to))
}

fn minute(time: &str) -> String {
    time.get(..16).unwrap_or(time).replace('T', " ")
}

/// "3.1 MB".
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{}.{} kB", bytes / 1_000, bytes % 1_000 / 100),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

/// Who ordered it, or what.
fn by(row: &PackageRow) -> String {
    match row.schedule {
        Some(number) => format!("schedule {number}, kept by {}", row.ordered_by),
        None => row.ordered_by.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_at_a_glance() {
        let sizes = [999, 1_000, 10_240, 3_149_000, 4_000_000_000].map(size);
        assert_eq!(sizes, ["999 B", "1.0 kB", "10.2 kB", "3.1 MB", "4000.0 MB"]);
    }
}
