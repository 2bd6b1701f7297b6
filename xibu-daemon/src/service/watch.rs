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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::os::unix::fs::PermissionsExt;
    use std::time::Duration;

    use super::*;
    use crate::carrier::{Carrier, Host, PluginSettings, Restart, approval};
    use crate::outbox::Class;
    use crate::store::EnvelopeFilter;
    use crate::tick::tests::{City, at};

    /// A plugin whose worker ends at once, whatever is asked of it.
    fn falling(folder: &std::path::Path) -> Carrier {
        let library = folder.join("libsms.so");
        std::fs::write(&library, "no library").unwrap();
        std::fs::set_permissions(&library, PermissionsExt::from_mode(0o600)).unwrap();
        let approved = vec![approval::inspect(&library).unwrap()];
        let mut host = Host::new(folder.to_owned(), folder.join("private"), approved);
        host.program = "/bin/false".into();
        host.restart = Restart { pause_first: Duration::ZERO, ..Restart::default() };
        let settings = PluginSettings {
            id: "sms".into(),
            library: Some(library),
            settings: serde_json::Value::Null,
            memory_max_bytes: 1 << 28,
        };
        Carrier::new(settings, host)
    }

    #[tokio::test]
    async fn the_fifth_fall_is_told_once_a_day_by_another_channel() {
        let city = City::running().await;
        let folder = tempfile::tempdir().unwrap();
        let sms = falling(folder.path());
        let carriers = Carriers::default();
        carriers.replace(BTreeMap::from([("sms".to_owned(), sms.clone())]));
        let look = async |civil: &str| {
            let (store, world) = (&city.store, city.record.world());
            look_after(store, &carriers, world, &city.serves, at(civil)).await.unwrap();
            let all = store.envelopes(&EnvelopeFilter::default()).await.unwrap();
            all.into_iter().filter(|one| one.key.class == Class::Alarm).collect::<Vec<_>>()
        };
        for fall in 1..=5 {
            assert!(look("2026-06-15T09:00:00").await.is_empty(), "{fall}");
            sms.descriptor().await.unwrap_err();
        }
        let told = look("2026-06-15T09:00:00").await;
        // Nobody is staff in this city: its contact stands in.
        let keys: Vec<String> = told.iter().map(|one| one.key.to_string()).collect();
        assert_eq!(keys, ["P12/alarm/2026-06-15/1"]);
        let errand = told[0].errand.as_ref().unwrap();
        assert_eq!(errand.avoid.as_deref(), Some("sms"));
        let alone = city.store.quarantines(at("2026-06-15T09:00:00")).await.unwrap();
        assert_eq!(alone[0].plugin, "sms");
        assert!(city.store.quarantines(at("2026-06-15T10:00:01")).await.unwrap().is_empty());
        // The same day again nothing, the next day once more.
        assert_eq!(look("2026-06-15T09:30:00").await.len(), 1);
        assert_eq!(look("2026-06-15T11:00:00").await.len(), 1);
        assert_eq!(look("2026-06-16T11:30:00").await.len(), 2);
    }
}
