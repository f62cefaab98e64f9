//! The approvals inbox and one approval.

mod inbox;
mod review;

pub(crate) use inbox::ApprovalsPage;
pub(crate) use review::ApprovalPage;
