//! The custom-handler protocol of the Azure Functions host. Knows nothing of calendars.
