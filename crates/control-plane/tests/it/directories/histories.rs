//! Whatever a directory says, in whatever order: roles are what the table gives.

use proptest::prelude::*;

use super::*;

/// One call of a directory about one of three people and two groups.
#[derive(Debug, Clone)]
enum Step {
    Add(usize),
    Remove(usize),
    Active(usize, bool),
    Members(usize, Vec<usize>),
    Rename(usize, bool),
    Drop(usize),
    SignIn(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let one = prop_oneof![
        3 => (0..3usize).prop_map(Step::Add),
        1 => (0..3usize).prop_map(Step::Remove),
        2 => (0..3usize, any::<bool>()).prop_map(|(who, to)| Step::Active(who, to)),
        4 => (0..2usize, prop::collection::vec(0..3usize, 0..4)).prop_map(|(g, m)| Step::Members(g, m)),
        1 => (0..2usize, any::<bool>()).prop_map(|(group, to)| Step::Rename(group, to)),
        1 => (0..2usize).prop_map(Step::Drop),
        1 => (0..3usize).prop_map(Step::SignIn),
    ];
    prop::collection::vec(one, 1..14)
}

const NAMES: [&str; 3] = ["ada", "bob", "eve"];
const GROUPS: [[&str; 2]; 2] = [["Leads", "Heads"], ["Payments", "Admins"]];

/// What the directory knows, by the test's own reckoning.
#[derive(Default)]
struct Model {
    users: [Option<(DirectoryUser, bool)>; 3],
    groups: [Option<(DirectoryGroup, usize, BTreeSet<usize>)>; 2],
}

impl Model {
    fn due(&self, who: usize) -> BTreeSet<String> {
        let Some((_, true)) = self.users[who] else {
            return BTreeSet::new();
        };
        let mut due = BTreeSet::new();
        for (at, group) in self.groups.iter().enumerate() {
            let Some((_, name, members)) = group else {
                continue;
            };
            if members.contains(&who) {
                match GROUPS[at][*name] {
                    "Leads" => drop(due.insert("approver/payments/acme".to_owned())),
                    "Payments" => drop(due.insert("developer/payments/acme".to_owned())),
                    "Admins" => drop(due.insert("administrator/*/acme".to_owned())),
                    _ => {}
                }
            }
        }
        due
    }

    async fn take(&mut self, plane: &TestPlane, caller: &Caller, step: &Step) {
        match step {
            Step::Add(who) if self.users[*who].is_none() => {
                let added = directories::create_user(&plane.cp, caller, &fields(NAMES[*who])).await;
                self.users[*who] = Some((added.unwrap(), true));
            }
            Step::Remove(who) => {
                if let Some((user, _)) = self.users[*who].take() {
                    directories::delete_user(&plane.cp, caller, user.id, None)
                        .await
                        .unwrap();
                    for (_, _, members) in self.groups.iter_mut().flatten() {
                        members.remove(who);
                    }
                }
            }
            Step::Active(who, to) => {
                if let Some((user, is)) = &mut self.users[*who] {
                    active(plane, caller, user, *to).await.unwrap();
                    *is = *to;
                }
            }
            Step::Members(at, who) => self.members(plane, caller, *at, who).await,
            Step::Rename(at, to) => {
                if let Some((group, name, _)) = &mut self.groups[*at] {
                    *name = usize::from(*to);
                    let patch = json!({ "Operations": [{ "op": "replace", "path": "displayName", "value": GROUPS[*at][*name] }] });
                    let patch = Patch::read(&patch).unwrap();
                    directories::patch_group(&plane.cp, caller, group.id, &patch, None)
                        .await
                        .unwrap();
                }
            }
            Step::Drop(at) => {
                if let Some((group, ..)) = self.groups[*at].take() {
                    directories::delete_group(&plane.cp, caller, group.id, None)
                        .await
                        .unwrap();
                }
            }
            Step::SignIn(who) => {
                // Somebody of whom the directory does not tell would be a new person by their groups; that is no step of it.
                if self.users[*who].is_some() {
                    let _ =
                        sign_in(plane, NAMES[*who], "x@example.com", &["Admins", "Leads"]).await;
                }
            }
            Step::Add(_) => {}
        }
    }

    async fn members(&mut self, plane: &TestPlane, caller: &Caller, at: usize, who: &[usize]) {
        let who: BTreeSet<usize> = who
            .iter()
            .copied()
            .filter(|w| self.users[*w].is_some())
            .collect();
        let ids = who
            .iter()
            .map(|w| self.users[*w].as_ref().unwrap().0.id)
            .collect();
        let name = self.groups[at].as_ref().map_or(0, |(_, name, _)| *name);
        let fields = GroupFields {
            name: GROUPS[at][name].to_owned(),
            external_id: None,
            members: ids,
        };
        let group = match &self.groups[at] {
            Some((group, ..)) => {
                directories::replace_group(&plane.cp, caller, group.id, &fields, None).await
            }
            None => directories::create_group(&plane.cp, caller, &fields).await,
        };
        self.groups[at] = Some((group.unwrap(), name, who));
    }
}

#[test]
fn whatever_a_directory_says_roles_are_what_the_table_gives() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    proptest!(ProptestConfig::with_cases(24), |(steps in steps())| {
        runtime.block_on(async {
            let (plane, admin, caller) = connected().await;
            let mut model = Model::default();
            for step in &steps {
                model.take(&plane, &caller, step).await;
                let all = people::list(&plane.cp, &admin).await.unwrap();
                for (who, known) in model.users.iter().enumerate() {
                    let Some((user, is)) = known else { continue };
                    let email = format!("{}@example.com", NAMES[who]);
                    assert_eq!(roles(&plane, &admin, &email).await, model.due(who), "{step:?}");
                    let row = all.iter().find(|row| row.email == email).unwrap();
                    assert_eq!(row.deactivated_at.is_none(), *is);
                    let told = directories::get_user(&plane.cp, &caller, user.id).await.unwrap();
                    assert_eq!(told.fields.active, *is);
                }
                // Whoever is not told of any more has nothing.
                for row in all.iter().filter(|row| row.deactivated_at.is_some()) {
                    assert!(row.roles.is_empty(), "{step:?}: {row:?}");
                }
            }
            plane.finish().await;
        });
    });
}
