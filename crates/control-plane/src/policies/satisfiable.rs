//! Could people ever meet a rule? Counted per team, with the people, roles and groups of now. Nobody's stand-in counts:
//! that is for a time, and one voice with whoever is away.

use domain::agent::Risk;
use domain::approval::{Candidate, Rule};
use domain::id::UserId;
use domain::policy::{Policy, PolicyProblem};
use domain::view::policy::{PolicyRefusal, TeamApprovers};
use sea_orm::ConnectionTrait;

use crate::approvals::Roster;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;

/// Who may decide in each team, and who of each group that a policy asks for, beside how many it asks for. Accounts of
/// one person count once. Six statements, whatever the number of teams.
pub(crate) async fn approvers(
    db: &impl ConnectionTrait,
    ctx: &OpCtx,
    policy: &Policy,
) -> Result<Vec<TeamApprovers>, Error> {
    let roster = Roster::read(db, ctx.now()).await?;
    let mut all = Vec::new();
    for team in store::people::teams(db).await? {
        let people = one_each(roster.candidates(team.id));
        all.extend(counted(&team.slug, &people, &strictest(policy, &team.slug)));
    }
    Ok(all)
}

/// What an agent of a team can be asked at the most, whatever its risk: the highest quorum, and the most people of each
/// group. People and groups are counted one by one, so this can be met exactly when the rule of each risk can.
fn strictest(policy: &Policy, team: &str) -> Rule {
    let mut most = Rule::default();
    for risk in Risk::ALL {
        let rule = policy.effective(team, *risk).production.rule();
        most.quorum = most.quorum.max(rule.quorum);
        for asked in rule.required {
            match most.required.iter_mut().find(|r| r.group == asked.group) {
                Some(known) => known.count = known.count.max(asked.count),
                None => most.required.push(asked),
            }
        }
    }
    most.required.sort_by(|a, b| a.group.cmp(&b.group));
    most
}

/// Approvers in their own right, one account of each person.
fn one_each(people: Vec<Candidate>) -> Vec<Candidate> {
    let mut seen: Vec<UserId> = Vec::new();
    let mut kept = Vec::new();
    for person in people.into_iter().filter(|c| c.approver) {
        if !seen.contains(&person.person()) {
            seen.push(person.person());
            kept.push(person);
        }
    }
    kept
}

fn counted(team: &str, people: &[Candidate], rule: &Rule) -> Vec<TeamApprovers> {
    let row = |group: Option<&str>, needed| TeamApprovers {
        team: team.to_owned(),
        group: group.map(str::to_owned),
        needed,
        people: people
            .iter()
            .filter(|p| group.is_none_or(|group| p.groups.iter().any(|g| g == group)))
            .map(|p| p.name.clone())
            .collect(),
    };
    let groups = rule.required.iter();
    std::iter::once(row(None, rule.quorum))
        .chain(groups.map(|asked| row(Some(&asked.group), asked.count)))
        .collect()
}

/// Overrides of teams that there are not would never hold, which nobody means.
async fn unknown_teams(
    db: &impl ConnectionTrait,
    policy: &Policy,
) -> Result<Vec<PolicyProblem>, Error> {
    let teams = store::people::teams(db).await?;
    let unknown = policy.overrides.iter().filter_map(|one| {
        let slug = one.team.as_ref()?;
        let known = teams.iter().any(|team| team.slug == *slug);
        (!known).then(|| PolicyProblem {
            line: one.place.0,
            column: one.place.1,
            message: format!("There is no team {slug}."),
        })
    });
    Ok(unknown.collect())
}

/// A group that there is not could never approve. One that everybody's rule asks for has no place; one of an override has
/// the override's.
async fn unknown_groups(
    db: &impl ConnectionTrait,
    policy: &Policy,
) -> Result<Vec<PolicyProblem>, Error> {
    let known = store::groups::all(db).await?;
    let everybody = policy.production.approval.required.iter();
    let everybody = everybody.map(|asked| (&asked.group, (0, 0)));
    let some = policy.overrides.iter().flat_map(|one| {
        let asked = one.rules.approval.required.iter();
        asked.map(|asked| (&asked.group, one.place))
    });
    let unknown = everybody
        .chain(some)
        .filter(|(slug, _)| !known.iter().any(|group| group.slug == **slug));
    let problem = |(group, (line, column)): (&String, (u32, u32))| PolicyProblem {
        line,
        column,
        message: format!("There is no group `{group}`. An administrator makes it in Settings."),
    };
    Ok(unknown.map(problem).collect())
}

/// Refuses a rule that some team could never meet, and says which team and who is there.
pub(super) async fn check(
    db: &impl ConnectionTrait,
    ctx: &OpCtx,
    policy: &Policy,
) -> Result<(), Error> {
    let mut teams = approvers(db, ctx, policy).await?;
    teams.retain(|team| !team.enough());
    let mut problems = unknown_teams(db, policy).await?;
    problems.extend(unknown_groups(db, policy).await?);
    if teams.is_empty() && problems.is_empty() {
        return Ok(());
    }
    Err(Error::Policy(Box::new(PolicyRefusal { problems, teams })))
}
