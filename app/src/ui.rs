//! The pieces every page is made of. None of them fetches anything. What each takes (`?` marks an optional property):
//!
//! ```text
//! load(future, |data, viewer| view!{…}.into_any())  what a page shows, or the error panel in its place;
//!        the page's `PageHead` is inside, because the error panel brings an h1 and a title of its own
//! <PageHead title sub? badges? actions?/>             the h1 and the document title; the three are `AnyView`
//! <Section title id note? more?>…</Section>           h2 with a line of notes above unboxed content
//! <Panel title id note? more?>…</Panel>               hairline box; children bring `.panel__b`, a table or a list
//! <Table caption shown? class? heads=&["Agent", "#Cases"]>rows</Table>   `#` marks a column of numbers
//!        rows: <tr><th scope="row">…</th><td>…</td></tr>; put `data-label` on cells and class="tbl--stack" for records
//! <Status tone label boxed? icon?/>                   e.g. tone=state.tone() label=state.label(); boxed only in a page head
//! <Icon name small?/>  <IconText name text/>          Lucide name from xtask/icons.txt
//! <Hash value kind? full?/>                           HashKind::{Digest, Bare, Commit, Id}; copy button with script
//! <Time at now ago?/>  <TimeCell at now/>  <TimeExact at now/>  <Ago at now/>   sentence, two-line column cell, with seconds, relative alone
//! <LinkButton href label kind? icon? small?/>         Kind::{Plain, Primary, Danger, DangerSolid, Quiet}
//! <Submit label busy_label? kind? icon? name? value? described_by?/>   the button of a form
//! <Unavailable label why/>                            a button that says why it cannot be pressed
//! <Field name label form? error? hint? kind? value? required? min? max? pattern? autocomplete? placeholder?/>
//! <TextArea name label error? hint? value? required? min? max? rows?/>  <Select name label options error? hint? value?/>
//! <Hidden name value/>  <Check name value required? error?>sentence</Check>   all post as `form[name]`
//!        `form` is a word that tells apart the forms of one page: ids are `f-{form}-{name}`; `plain` posts the bare name
//! <FormError error form? fields=&[("reason", "Reason")]/>   the summary on top; `refused::<X>()` makes `error`
//! <Post to=url::<X>()>fields</Post>                   a form of the server function `X`
//! <Switch action name label choices now/>             one of a few, at once: buttons of which one is pressed
//! <Period from to error?/>                             the two fields of a period; `PERIOD` are their names for the summary
//! <Reason form error hint/>                           the reason of a dangerous step
//! step(Step { … }, url::<X>(), error, ("number", n))   such a step with a reason and nothing else
//! <Danger label open?>form</Danger>                   a step in <details>; ends in one `Kind::DangerSolid` Submit
//! <NoticeBar tone icon? alert? act?>sentence</NoticeBar>   one per tone, above the content; `act` is its one action
//! <Once>…</Once>                                      around what no later answer of the server shows again
//! <Strip cells=vec![("Commit", any), …]/>  <Facts rows=vec![("Team", any), …]/>   identity strip; key-value list
//! <Checklist items=vec![CheckItem::new(tone, text).detail(text)]/>
//! <Pager next here/>                                  `next` is the cursor, `here` the address without it
//! <Empty icon title>what to do next</Empty>
//! <Facet name legend choices=vec![Choice { .. }]/>   the values of one filter; <Chip label shown href/> one in force
//! <ErrorPanel error part_of?/>                        in place of a page, or of a part of one
//! <Live on="deployment:12 approval" pin?/>            what the page shows, so that the browser brings it up to date
//! ```
//!
//! All of them in every state are at `/styleguide` of a development build; its test misses a component that is not shown there.

pub(crate) mod button;
pub(crate) mod checklist;
pub(crate) mod diff;
pub(crate) mod empty_state;
pub(crate) mod error_panel;
pub(crate) mod facet;
pub(crate) mod field;
pub(crate) mod form;
pub(crate) mod hash;
pub(crate) mod head;
pub(crate) mod icon;
pub(crate) mod live;
pub(crate) mod load;
pub(crate) mod notice;
pub(crate) mod pagination;
pub(crate) mod panel;
pub(crate) mod period;
pub(crate) mod status;
pub(crate) mod step;
pub(crate) mod strip;
pub(crate) mod switch;
pub(crate) mod table;
pub(crate) mod time;

/// What a page usually needs.
pub(crate) mod prelude {
    pub(crate) use super::button::{Kind, LinkButton, Submit, Unavailable};
    pub(crate) use super::checklist::{CheckItem, Checklist};
    pub(crate) use super::empty_state::Empty;
    pub(crate) use super::facet::Chip;
    pub(crate) use super::field::{Check, Field, Hidden, Select, TextArea};
    pub(crate) use super::form::{Danger, FormError, Password, Post, Reason, refused, url};
    pub(crate) use super::hash::{Hash, HashKind};
    pub(crate) use super::head::PageHead;
    pub(crate) use super::icon::{Icon, IconText};
    pub(crate) use super::live::Live;
    pub(crate) use super::load::{asked, asked_parts, load, part};
    pub(crate) use super::notice::{NoticeBar, Once};
    pub(crate) use super::pagination::Pager;
    pub(crate) use super::panel::{Panel, Section};
    pub(crate) use super::period::{PERIOD, Period};
    pub(crate) use super::status::{Lacking, Status};
    pub(crate) use super::strip::{Facts, Strip};
    pub(crate) use super::table::Table;
    pub(crate) use super::time::{Ago, Time, TimeCell, TimeExact};
}
