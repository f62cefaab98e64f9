//! When to start an agent again. Owns the back-off and the giving up; refuses to look at a clock.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(30);
/// A run this long counts as healthy: the next failure starts with the shortest wait again.
const HEALTHY: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(crate) struct Restarts {
    most: usize,
    window: Duration,
    recent: VecDeque<Instant>,
    streak: u32,
}

impl Restarts {
    pub(crate) fn new(most: u32, window: Duration) -> Self {
        Self {
            most: usize::try_from(most).unwrap_or(usize::MAX),
            window,
            recent: VecDeque::new(),
            streak: 0,
        }
    }

    /// How long to wait after a run of length `ran` that ended `now`. `None`: give up.
    pub(crate) fn after(&mut self, now: Instant, ran: Duration) -> Option<Duration> {
        while self
            .recent
            .front()
            .is_some_and(|then| now.duration_since(*then) > self.window)
        {
            self.recent.pop_front();
        }
        if self.recent.len() >= self.most {
            return None;
        }
        self.recent.push_back(now);
        if ran >= HEALTHY {
            self.streak = 0;
        }
        let wait = FIRST
            .saturating_mul(2_u32.saturating_pow(self.streak))
            .min(LONGEST);
        self.streak = self.streak.saturating_add(1);
        Some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_half_a_minute() {
        let mut restarts = Restarts::new(100, Duration::from_secs(3600));
        let now = Instant::now();
        let waits: Vec<u128> = (0..9)
            .filter_map(|_| restarts.after(now, Duration::ZERO))
            .map(|wait| wait.as_millis())
            .collect();
        assert_eq!(
            waits,
            [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]
        );
        assert_eq!(restarts.after(now, HEALTHY), Some(FIRST));
    }

    #[test]
    fn it_gives_up_within_the_window_only() {
        let mut restarts = Restarts::new(2, Duration::from_secs(10));
        let now = Instant::now();
        assert!(restarts.after(now, Duration::ZERO).is_some());
        assert!(restarts.after(now, Duration::ZERO).is_some());
        assert_eq!(restarts.after(now, Duration::ZERO), None);
        assert!(
            restarts
                .after(now + Duration::from_secs(11), Duration::ZERO)
                .is_some()
        );
        assert_eq!(
            Restarts::new(0, Duration::from_secs(10)).after(now, Duration::ZERO),
            None
        );
    }
}
