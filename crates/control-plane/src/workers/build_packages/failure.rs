//! Why a package could not be built, and what people read of it.

use std::io;

use crate::error::Error;

/// Why a try came to nothing.
pub(super) enum Failure {
    Error(Error),
    /// It has more bytes than a package may.
    TooLarge,
    /// It was begun so many times, and whoever built it was gone each time.
    Stopped,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

const FULL: &str = "There is no room left where Clearance keeps its data. A package takes about three times the audit log, on the disk and in the database. Make room, then order it again if it was given up.";
const TOO_LARGE: &str = "It would have more than 4 GB, which is more than a package may. Export the audit log with `clearance audit export` instead.";
const STOPPED: &str = "The server stopped each time while it was built. Its log says why; repair that, then order it again.";
const UNKNOWN: &str = "It could not be written. The server's log says why; repair that, then order it again if it was given up.";

/// What people read of a failure: what stood in the way, and what to do.
pub(super) fn words(failure: &Failure) -> &'static str {
    let error: &(dyn std::error::Error + 'static) = match failure {
        Failure::Error(error) => error,
        Failure::TooLarge => return TOO_LARGE,
        Failure::Stopped => return STOPPED,
    };
    let mut chain = std::iter::successors(Some(error), |error| error.source());
    let full = chain.any(|error| {
        let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
        let told = error.to_string();
        matches!(
            kind,
            Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
        ) || told.contains("disk is full")
            || told.contains("No space left")
    });
    if full { FULL } else { UNKNOWN }
}

#[cfg(test)]
mod tests {
    use super::super::failed;
    use super::*;

    #[test]
    fn a_full_disk_is_told_as_one_whoever_says_so() {
        let disk = io::Error::from(io::ErrorKind::StorageFull);
        let quota = io::Error::from(io::ErrorKind::QuotaExceeded);
        let database = sea_orm::DbErr::Custom("(code: 13) database or disk is full".to_owned());
        let errors = [failed(disk), failed(quota), Error::from(database)];
        for error in errors {
            assert_eq!(words(&Failure::Error(error)), FULL);
        }
        let other = io::Error::from(io::ErrorKind::PermissionDenied);
        assert_eq!(words(&Failure::Error(failed(other))), UNKNOWN);
    }
}
