//! Limits failed sign-ins per network, in the database: twenty in fifteen minutes, over all accounts, servers and restarts.
//!
//! A network is an IPv4 address or the /64 of an IPv6 address, which is what one customer gets and may change within at
//! will. Requests whose address is not known share one limit. An attempt counts as failed until it has proven right, so
//! many at the same time gain nothing.

use std::net::{IpAddr, Ipv6Addr};

use chrono::Duration;
use domain::actor::Actor;
use uuid::Uuid;

use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::store;
use crate::transact::Tx;

const WINDOW: Duration = Duration::minutes(15);
const MOST: u64 = 20;
/// Everything above the last 64 bits.
const PREFIX: u128 = !0 << 64;

/// Notes an attempt as failed; who turns out to be right takes that note away.
///
/// # Errors
/// [`Error::TooMany`] when too many failed already; such an attempt is not counted.
pub(super) async fn admit(cp: &ControlPlane, ctx: &OpCtx) -> Result<Uuid, Error> {
    let network = network(ctx.address());
    let (id, now) = (ids::new(), ctx.now());
    cp.transact("people::admit", ctx, |tx: Tx| {
        let network = &network;
        async move {
            let tx = &tx;
            let since = (now - WINDOW).timestamp();
            if store::sign_ins::count(&**tx, network, since).await? >= MOST {
                return Err(Error::TooMany);
            }
            store::sign_ins::insert(tx, id, network, now.timestamp()).await?;
            Ok(id)
        }
    })
    .await
}

/// Forgets the attempts that count no more, and with them the addresses.
///
/// # Errors
/// When the database does not take it.
pub(crate) async fn sweep(cp: &ControlPlane) -> Result<(), Error> {
    let actor = Actor::System {
        worker: "sweep".to_owned(),
    };
    let ctx = OpCtx::new(actor, "sweep", cp.clock());
    let before = (ctx.now() - WINDOW).timestamp();
    cp.transact("people::sweep", &ctx, |tx: Tx| async move {
        let tx = &tx;
        store::sign_ins::sweep(tx, before).await
    })
    .await
}

pub(crate) fn network(address: Option<IpAddr>) -> String {
    match address.map(|address| address.to_canonical()) {
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            format!("{}/64", Ipv6Addr::from_bits(address.to_bits() & PREFIX))
        }
        None => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        network(Some(text.parse().unwrap()))
    }

    #[test]
    fn a_network_is_an_address_or_the_half_of_one() {
        assert_eq!(of("192.0.2.7"), "192.0.2.7");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.7", "IPv4 on a dual socket");
        assert_eq!(network(None), "unknown");
    }
}
