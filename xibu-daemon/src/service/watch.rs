//! Looks after the plugins: one that keeps falling over and is left alone is told to the city's
//! staff once a day, by another channel than itself.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use tracing::warn;
use xibu_core::appointment::Role;
use xibu_core::chain::holder;
use xibu_core::office::OfficeId;
use xibu_core::person::PersonId;
use xibu_core::world::World;

use crate::clock::Now;
use crate::doors::carriers::Carriers;
use crate::outbox::errand::{Errand, Matter};
use crate::store::{Batch, Quarantined, Result, Store};

/// Notes every plugin in quarantine and has it told.
pub(super) async fn look_after(
    store: &impl Store,
    carriers: &Carriers,
    world: &World,
    serves: &[OfficeId],
    now: Now,
) -> Result<()> {
    let left_alone: Vec<Quarantined> = carriers
        .all()
        .iter()
        .filter_map(|carrier| {
            let wait = i64::try_from(carrier.quarantine()?.as_millis()).ok()?;
            Some(Quarantined { plugin: carrier.id().to_owned(), until: now.unix_ms + wait })
        })
        .collect();
    if left_alone.is_empty() {
        return Ok(());
    }
    let known = store.quarantines(now).await?;
    for quarantined in left_alone {
        if known.iter().any(|known| known.plugin == quarantined.plugin) {
            continue;
        }
        warn!(plugin = quarantined.plugin, "it is left alone; the city's staff are told");
        // Told before it is noted: should the process end in between, the cause prevents a second.
        let errands = notices(&quarantined.plugin, world, serves, now);
        let batch = Batch { by: "daemon".to_owned(), errands, ..Batch::default() };
        store.record(&batch, now).await?;
        store.set_quarantine(&quarantined, now).await?;
    }
    Ok(())
}

/// Who hears of it (policy assumption): the staff of the offices served.
pub(super) fn notices(plugin: &str, world: &World, serves: &[OfficeId], now: Now) -> Vec<Errand> {
    let staff = serves.iter().filter_map(|office| {
        holder(world, *office, Role::Staff, now.date()).ok().map(|holder| holder.person)
    });
    let staff: BTreeSet<PersonId> = staff.collect();
    let errand = |person: PersonId| Errand {
        cause: format!("quarantine/{plugin}/{}/{person}", now.date()),
        person,
        matter: Matter::PluginQuarantined { plugin: plugin.to_owned() },
        not_before: now.civil,
        expires: now.civil + TimeDelta::days(1),
        avoid: Some(plugin.to_owned()),
    };
    staff.into_iter().map(errand).collect()
}
