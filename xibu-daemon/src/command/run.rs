//! `run`: the service in the foreground, told to stop by a signal.

use tracing_subscriber::EnvFilter;

use super::Context;
use super::arguments::Run;
use super::outcome::{Exit, Failure, Outcome};
use crate::service::{self, ServiceError};
use crate::store::StoreError;

/// The scheduler tells of itself at length.
const LOG: &str = "info,tokio_cron_scheduler=warn";

/// Runs the service until it is told to stop.
pub(super) fn run(options: &Run, context: &mut Context) -> Outcome {
    let settings = context.settings_of_an_office()?;
    log_to_stderr();
    service::main(&settings, options.redirect_to.as_deref()).map_err(failure)?;
    Ok(Exit::Done)
}

/// Diagnostics, without times under a service manager, which adds its own. `RUST_LOG` chooses.
fn log_to_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(LOG));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second subscriber in one process is refused; the first one stays.
    let _ = lines.with_ansi(false).without_time().try_init();
}

fn failure(error: ServiceError) -> Failure {
    match error {
        ServiceError::Store(StoreError::AnotherDaemon { folder }) => {
            let folder = folder.display();
            Failure::new(
                Exit::Data,
                format!(
                    "数据文件夹 {folder} 上已有另一个 xibu-daemon 在运行；\
                     请先停掉它，或换一个数据文件夹"
                ),
                format!(
                    "another daemon is running on {folder}; \
                     stop it first, or use another data folder"
                ),
            )
        }
        ServiceError::NoSuchPlugin(_) | ServiceError::NoSuchChannel(_) => {
            Failure::new(Exit::Configuration, format!("配置有误：{error}"), error.to_string())
        }
        other => Failure::data(other),
    }
}
