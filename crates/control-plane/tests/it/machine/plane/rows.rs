//! What the rows say, and what they may never say.

use super::Parts;

/// One line of text for every fact that the model knows of.
const FACTS: &[&str] = &[
    "SELECT 'deployment ' || CAST(number AS TEXT) || ' ' || state FROM deployments",
    "SELECT 'live ' || l.environment || ' ' || CAST(d.number AS TEXT) FROM live l \
     JOIN deployments d ON d.id = l.deployment_id",
    "SELECT 'version ' || number || CASE WHEN held_at IS NULL THEN ' free' ELSE ' held' END FROM versions",
    "SELECT 'approval ' || CAST(number AS TEXT) || ' ' || state FROM approvals \
     WHERE state IN ('open', 'approved')",
    "SELECT 'waiver ' || CAST(w.number AS TEXT) || ' ' || w.environment || ' ' || w.gate || \
     CASE WHEN w.revoked_at IS NULL THEN ' given' ELSE ' revoked' END || ' by ' || u.name \
     FROM waivers w JOIN users u ON u.id = w.given_by",
    "SELECT 'leaning ' || CAST(d.number AS TEXT) || ' on ' || CAST(w.number AS TEXT) FROM waiver_leans l \
     JOIN deployments d ON d.id = l.deployment_id JOIN waivers w ON w.id = l.waiver_id",
    "SELECT 'lacking ' || CAST(d.number AS TEXT) FROM compliance c \
     JOIN deployments d ON d.id = c.deployment_id",
    "SELECT 'elevation ' || CAST(number AS TEXT) || ' ' || user_name || ' ' || role || ' ' || state \
     FROM elevations",
    "SELECT 'review ' || CAST(number AS TEXT) || ' of ' || CAST(deployment_number AS TEXT) || ' ' || state \
     FROM break_glasses",
];

/// What must find nothing, and the rule that it breaks.
const NEVER: &[(&str, &str)] = &[
    (
        "invariant 1: live with another manifest than was authorised",
        "SELECT number FROM deployments WHERE state = 'live' AND (authorised_digest IS NULL \
         OR manifest_digest IS NULL OR authorised_digest <> manifest_digest)",
    ),
    (
        "invariant 1: live in production neither approved by people nor let through",
        "SELECT d.number FROM deployments d WHERE d.state = 'live' AND d.environment = 'production' \
         AND NOT EXISTS (SELECT 1 FROM approvals a WHERE a.state = 'consumed' \
         AND a.manifest_digest = d.manifest_digest) \
         AND NOT EXISTS (SELECT 1 FROM break_glasses b WHERE b.used_at IS NOT NULL \
         AND b.manifest_digest = d.manifest_digest)",
    ),
    (
        "invariant 2: decided by whoever requested it",
        "SELECT d.number FROM decisions x JOIN approvals a ON a.id = x.approval_id \
         JOIN deployments d ON d.id = a.deployment_id WHERE d.requested_by_user = x.user_id",
    ),
    (
        "invariant 2: decided by whoever wrote the commit",
        "SELECT d.number FROM decisions x JOIN approvals a ON a.id = x.approval_id \
         JOIN deployments d ON d.id = a.deployment_id JOIN versions v ON v.id = d.version_id \
         JOIN users u ON u.id = x.user_id WHERE u.email IN (v.author_email, v.committer_email)",
    ),
    (
        "invariant 2: decided by whoever gave a waiver that it leans on, there or in non-prod",
        "SELECT d.number FROM decisions x JOIN approvals a ON a.id = x.approval_id \
         JOIN deployments d ON d.id = a.deployment_id \
         JOIN deployments p ON p.id = d.id OR p.number = d.promotes \
         JOIN waiver_leans l ON l.deployment_id = p.id JOIN waivers w ON w.id = l.waiver_id \
         WHERE w.given_by = x.user_id",
    ),
    (
        "invariant 2: reviewed by whoever broke the glass, asked for it, or gave a waiver for it",
        "SELECT d.number FROM break_glasses b JOIN deployments d ON d.id = b.deployment_id \
         WHERE b.reviewed_by IN (b.broken_by, d.requested_by_user) OR EXISTS (SELECT 1 FROM waiver_leans l \
         JOIN waivers w ON w.id = l.waiver_id WHERE l.deployment_id = d.id AND w.given_by = b.reviewed_by)",
    ),
    (
        "invariant 2: waived by whoever wrote the commit",
        "SELECT w.number FROM waivers w JOIN users u ON u.id = w.given_by \
         JOIN deployments d ON d.number = w.deployment JOIN versions v ON v.id = d.version_id \
         WHERE u.email IN (v.author_email, v.committer_email)",
    ),
    (
        "waivers: leaning on one of another gate, environment or agent",
        "SELECT d.number FROM waiver_leans l JOIN waivers w ON w.id = l.waiver_id \
         JOIN deployments d ON d.id = l.deployment_id \
         WHERE w.gate <> l.gate OR w.environment <> d.environment OR w.agent_id <> d.agent_id",
    ),
    (
        "waivers: live with a waived gate that leans on none",
        "SELECT d.number FROM gate_runs g JOIN deployments d ON d.id = g.deployment_id \
         WHERE d.state = 'live' AND g.verdict = 'waived' AND NOT EXISTS (SELECT 1 FROM waiver_leans l \
         WHERE l.deployment_id = d.id AND l.gate = g.gate)",
    ),
    (
        "waivers: live with a gate that failed",
        "SELECT d.number FROM gate_runs g JOIN deployments d ON d.id = g.deployment_id \
         WHERE d.state = 'live' AND g.verdict IN ('failed', 'errored')",
    ),
    (
        "waivers: went live when one that it leans on was over",
        "SELECT d.number FROM waiver_leans l JOIN waivers w ON w.id = l.waiver_id \
         JOIN deployments d ON d.id = l.deployment_id \
         WHERE d.kind <> 'rollback' AND (w.ends_at <= d.live_at OR w.revoked_at < d.live_at)",
    ),
    (
        "break-glass: went live while the team owed another post-review",
        "SELECT d.number FROM deployments d JOIN agents a ON a.id = d.agent_id \
         JOIN break_glasses b ON b.team_id = a.team_id AND b.deployment_id <> d.id \
         WHERE d.environment = 'production' AND d.kind <> 'rollback' AND b.due_at <= d.live_at \
         AND (b.reviewed_at IS NULL OR b.reviewed_at > d.live_at)",
    ),
    (
        "elevation: given by whoever asked, or by nobody, or for too long",
        "SELECT number FROM elevations WHERE decided_by = user_id OR hours > 8 \
         OR (state = 'active' AND decided_by IS NULL)",
    ),
    (
        "elevation: to decide about others, or to stay",
        "SELECT number FROM elevations WHERE role NOT IN ('developer', 'operator')",
    ),
    (
        "invariant 7: an identity outlives its deployment",
        "SELECT d.number FROM identities i JOIN deployments d ON d.id = i.deployment_id \
         WHERE i.state <> 'revoked' AND d.state NOT IN ('deploying', 'verifying', 'live')",
    ),
];

impl Parts {
    /// Every fact, in order.
    pub(super) async fn facts(&self) -> Vec<String> {
        let query = FACTS.join(" UNION ALL ");
        let mut facts = self.world.plane.column(&query).await;
        facts.sort_unstable();
        facts
    }

    /// The invariants, by the tables and by what is outside.
    pub(super) async fn check(&self) {
        let plane = &self.world.plane;
        let broken = NEVER.iter().map(|(rule, query)| {
            format!("SELECT '{rule}: ' || CAST(x.number AS TEXT) FROM ({query}) x")
        });
        let broken = broken.collect::<Vec<_>>().join(" UNION ALL ");
        let broken = plane.column(&broken).await;
        assert!(broken.is_empty(), "{broken:#?}");
        // Invariant 4.
        plane.check_ledger().await;
    }
}
