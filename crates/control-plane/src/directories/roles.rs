//! The roles of whom a directory tells: always what the table gives for the directory's groups.

use std::collections::{BTreeMap, BTreeSet};

use domain::id::{DirectoryUserId, UserId};
use domain::sign_in::Provider;
use sea_orm::ConnectionTrait;

use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::providers::roles::{Table, renew};
use crate::store;
use crate::store::entity::{directory_group, directory_user, role_grant};
use crate::transact::Tx;

/// What the table of roles knows a group by; see [`domain::directory::GroupFields::key`].
pub(super) fn key(group: &directory_group::Model) -> &str {
    group.external_id.as_deref().unwrap_or(&group.name)
}

/// What several people are due, and hold.
struct Due<'a> {
    table: Table<'a>,
    groups: BTreeMap<DirectoryUserId, Vec<String>>,
    held: Vec<role_grant::Model>,
}

impl<'a> Due<'a> {
    /// Four statements, however many people.
    async fn read(
        db: &impl ConnectionTrait,
        provider: &'a Provider,
        people: &[directory_user::Model],
    ) -> Result<Self, Error> {
        let ids: Vec<DirectoryUserId> = people.iter().map(|row| row.id).collect();
        let mut groups: BTreeMap<DirectoryUserId, Vec<String>> = BTreeMap::new();
        for (member, group) in store::directory_groups::memberships(db, &ids).await? {
            groups
                .entry(member)
                .or_default()
                .push(key(&group).to_owned());
        }
        let users: Vec<UserId> = people.iter().map(|row| row.user_id).collect();
        let mut held = store::directories::roles_given(db, users).await?;
        held.retain(|row| row.provider.as_ref() == Some(&provider.id));
        Ok(Self {
            table: Table::read(db, provider).await?,
            groups,
            held,
        })
    }

    fn of(&self, person: &directory_user::Model) -> (Vec<&role_grant::Model>, &[String]) {
        let held = self.held.iter().filter(|row| row.user_id == person.user_id);
        let groups = self.groups.get(&person.id).map_or(&[][..], Vec::as_slice);
        (held.collect(), groups)
    }

    fn is_settled(&self, person: &directory_user::Model) -> bool {
        let (held, groups) = self.of(person);
        let (give, take) = self.table.renewal(&held, groups);
        give.is_empty() && take.is_empty()
    }
}

/// Gives these people what their groups give now, and takes the rest back. Whoever is not active has nothing to settle.
pub(super) async fn settle(
    tx: &Tx,
    ctx: &OpCtx,
    provider: &Provider,
    people: &[directory_user::Model],
) -> Result<(), Error> {
    let due = Due::read(&**tx, provider, people).await?;
    for person in people.iter().filter(|person| person.active) {
        let (held, groups) = due.of(person);
        due.table
            .settle(tx, ctx, person.user_id, &held, groups)
            .await?;
    }
    Ok(())
}

/// At a sign-in: of whom the provider's directory tells, the directory's groups count and not those of the token, which may
/// be older. Of everybody else the token's do.
pub(crate) async fn renew_at_sign_in(
    tx: &Tx,
    ctx: &OpCtx,
    provider: &Provider,
    user: UserId,
    told: &[String],
) -> Result<(), Error> {
    let row = store::directories::of_person(&**tx, user).await?;
    match row.filter(|row| row.provider == provider.id) {
        Some(row) => settle(tx, ctx, provider, &[row]).await,
        None => renew(tx, ctx, provider, user, told).await,
    }
}

/// Settles everybody whose roles are not what the table gives now, after the table or the teams changed. Answers whether
/// there was anybody.
pub(crate) async fn renew_all(cp: &ControlPlane, ctx: &OpCtx) -> Result<bool, Error> {
    let everybody = store::directories::all_active(cp.reader()).await?;
    let mut found = false;
    for provider in cp.ports().sign_in.providers() {
        let theirs = everybody.iter().filter(|row| row.provider == provider.id);
        let theirs: Vec<directory_user::Model> = theirs.cloned().collect();
        if theirs.is_empty() {
            continue;
        }
        let due = Due::read(cp.reader(), &provider, &theirs).await?;
        let unsettled: BTreeSet<DirectoryUserId> = theirs
            .iter()
            .filter(|person| !due.is_settled(person))
            .map(|person| person.id)
            .collect();
        if unsettled.is_empty() {
            continue;
        }
        found = true;
        let (provider, unsettled) = (&provider, &unsettled);
        cp.transact("directories::renew_all", ctx, |tx: Tx| async move {
            let tx = &tx;
            // The log lets one transaction at a time go on from here, so what is read now is what is settled.
            store::audit::lock_size(tx).await?;
            let ids = unsettled.iter().copied().collect();
            let people = store::directories::known(&**tx, &provider.id, ids).await?;
            settle(tx, ctx, provider, &people).await
        })
        .await?;
    }
    Ok(found)
}
