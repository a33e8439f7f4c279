// The Prometheus page of a chat server.
#pragma once

#include <cstdint>
#include <string>

#include "server/counting.h"

namespace spillway::server {

struct HubMetrics {
  Counters counters;  // the hub's own
  std::uint64_t rooms = 0;
  std::uint64_t unpublished = 0;
  std::uint64_t queued_bytes = 0;
  std::uint64_t fanned_out = 0;
  std::uint64_t bus_batches = 0;
  std::uint64_t bus_unknown_version = 0;
  std::uint64_t bus_malformed = 0;
  std::uint64_t control_malformed = 0;
  std::uint64_t heap_used_bytes = 0;
  std::uint64_t redis_losses = 0;
  std::uint64_t redis_refusals = 0;
  std::uint64_t epochs_begun = 0;
  std::uint64_t dead_subscriptions = 0;
  bool redis = false;
};

std::string metrics_page(const ServerTotals& totals, const HubMetrics& hub);

}  // namespace spillway::server
