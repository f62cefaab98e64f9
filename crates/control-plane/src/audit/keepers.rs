//! For pages: who outside keeps the log's heads, and how far witnesses are.

use domain::view::audit::{Keeper, KeeperKind, WitnessQuorum};
use domain::view::session::Witnessed;

use super::anchor::{GIT, MAIL};
use super::{alarm, head, to_u64, witness};
use crate::ControlPlane;
use crate::error::Error;
use crate::store;

/// How many of how many witnesses it takes; nothing where nobody is asked.
pub(super) fn policy(cp: &ControlPlane) -> Option<WitnessQuorum> {
    let policy = cp.settings().witnesses.as_ref()?;
    Some(WitnessQuorum {
        quorum: policy.quorum(),
        witnesses: policy.keys().len(),
    })
}

/// How far enough of the witnesses are; nothing where nobody is asked.
pub(super) async fn witnessed(cp: &ControlPlane) -> Result<Option<Witnessed>, Error> {
    let Some(quorum) = policy(cp) else {
        return Ok(None);
    };
    let head = head::witnessed(cp).await?;
    let since = alarm::unseen_since(cp).await?;
    let seen = head.as_ref().map(head::Head::seen_by).unwrap_or_default();
    Ok(Some(Witnessed {
        size: head.as_ref().map_or(0, |head| head.checkpoint.size),
        // The last of them makes it enough.
        at: seen.iter().filter_map(|one| one.at.clone()).max(),
        by: seen.len(),
        of: quorum.witnesses,
        quorum: quorum.quorum,
        late_since: since
            .filter(|_| alarm::is_overdue(since, cp.clock().now()))
            .map(store::time::text),
    }))
}

/// Everybody who is configured to keep heads, with how far each is.
pub(super) async fn list(cp: &ControlPlane) -> Result<Vec<Keeper>, Error> {
    let settings = cp.settings();
    let witnesses = settings
        .witnesses
        .iter()
        .flat_map(audit_log::WitnessPolicy::keys);
    let mut all: Vec<(String, KeeperKind, String)> = witnesses
        .clone()
        .map(|key| {
            let name = key.name().to_owned();
            (witness::keeper(key), KeeperKind::Witness, name)
        })
        .collect();
    if settings.anchors.git_minutes.is_some() {
        all.push((
            GIT.to_owned(),
            KeeperKind::Git,
            "Repository of heads".to_owned(),
        ));
    }
    if !settings.anchors.mail.is_empty() {
        all.push((
            MAIL.to_owned(),
            KeeperKind::Mail,
            settings.anchors.mail.join(", "),
        ));
    }
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<String> = all.iter().map(|(name, _, _)| name.clone()).collect();
    let rows = store::log_keepers::named(cp.reader(), &names).await?;
    all.into_iter()
        .map(|(name, kind, label)| {
            let row = rows
                .iter()
                .find(|row| row.name == name && row.origin == settings.log_origin);
            // Somebody who never kept anything may have trouble all the same.
            let trouble = rows.iter().find(|row| row.name == name);
            let key = witnesses.clone().find(|key| witness::keeper(key) == name);
            Ok(Keeper {
                kind,
                name: label,
                public_key: key.map(ToString::to_string),
                size: row.map_or(Ok(0), |row| to_u64(row.size))?,
                at: row.and_then(|row| store::time::text_opt(row.kept_at)),
                kept_as: row.and_then(|row| row.kept_as.clone()),
                trouble: trouble
                    .and_then(|row| row.trouble.clone())
                    .filter(|trouble| !trouble.is_empty()),
            })
        })
        .collect()
}
