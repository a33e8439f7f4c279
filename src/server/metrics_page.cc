#include "server/metrics_page.h"

#include <array>
#include <string_view>

#include "base/metrics_text.h"
#include "server/memory.h"

namespace spillway::server {
namespace {

struct Row {
  Counter counter;
  std::string_view name;  // without the prefix spillway_ and the suffix _total
  std::string_view help;
};

constexpr std::array kRows{
    Row{Counter::kAccepted, "connections_accepted", "TCP connections accepted"},
    Row{Counter::kHandshakesRefused, "handshakes_refused", "Upgrades answered with an HTTP error"},
    Row{Counter::kHandshakesTimedOut, "handshakes_timed_out", "Connections that sent no request"},
    Row{Counter::kHttpRequests, "http_requests", "Plain HTTP requests"},
    Row{Counter::kOpened, "viewers_opened", "WebSocket connections opened"},
    Row{Counter::kMessagesIn, "messages_received", "WebSocket messages from viewers"},
    Row{Counter::kRegisters, "registers", "Valid register messages"},
    Row{Counter::kRateLimited, "rate_limited", "Chat messages beyond --rate-limit"},
    Row{Counter::kRejected, "rejected", "Messages answered with an error"},
    Row{Counter::kUnavailable, "unavailable", "Messages and registers that Redis could not serve"},
    Row{Counter::kPublished, "messages_published", "Chat messages logged in Redis by this server"},
    Row{Counter::kAcks, "acks", "Chat messages acknowledged"},
    Row{Counter::kDeliveries, "deliveries", "Messages handed to viewers' sockets"},
    Row{Counter::kFlushes, "flushes", "Kernel writes of messages"},
    Row{Counter::kFlushBytes, "flush_bytes", "Bytes of messages written"},
    Row{Counter::kDeflateIn, "deflate_in_bytes", "Bytes of messages compressed, each flush once"},
    Row{Counter::kDeflateOut, "deflate_out_bytes", "What they were compressed to"},
    Row{Counter::kFlushOverruns, "flush_overruns", "Flushes later than --flush-interval-max"},
    Row{Counter::kShortWrites, "short_writes", "Flushes that a viewer's socket did not take whole"},
    Row{Counter::kControlWrites, "control_writes", "Kernel writes of answers and control frames"},
    Row{Counter::kGaps, "gaps", "Times a viewer fell out of the history"},
    Row{Counter::kGapMessages, "gap_messages", "Messages that viewers missed thereby"},
    Row{Counter::kRedistributed, "redistributed", "Viewers told to connect elsewhere"},
    Row{Counter::kAcceptPauses, "accept_pauses", "Times accepting paused for want of descriptors"},
    Row{Counter::kMailboxFull, "mailbox_full", "Values that another loop's mailbox did not take"},
};

struct CloseRow {
  Counter counter;
  std::string_view reason;
};

constexpr std::array kCloseRows{
    CloseRow{Counter::kClosedNormal, "normal"},
    CloseRow{Counter::kClosedGoingAway, "going_away"},
    CloseRow{Counter::kClosedProtocolError, "protocol_error"},
    CloseRow{Counter::kClosedUnsupported, "unsupported_data"},
    CloseRow{Counter::kClosedInvalidText, "invalid_text"},
    CloseRow{Counter::kClosedTooBig, "too_big"},
    CloseRow{Counter::kClosedLost, "lost"},
    CloseRow{Counter::kClosedSlowViewer, "slow_viewer"},
    CloseRow{Counter::kClosedDraining, "draining"},
    CloseRow{Counter::kClosedNoPong, "no_pong"},
    CloseRow{Counter::kClosedFateUnknown, "fate_unknown"},
    CloseRow{Counter::kClosedAbuse, "abuse"},
    CloseRow{Counter::kClosedOther, "other"},
};

static_assert(kRows.size() + kCloseRows.size() == static_cast<std::size_t>(Counter::kCount),
              "every counter has its row");

void add_closes(MetricsText& text, const Counters& counters) {
  text.labelled_head("viewers_closed", "Connections closed, by reason");
  for (const CloseRow& row : kCloseRows) {
    text.labelled("viewers_closed", "reason", row.reason, counters[row.counter]);
  }
}

void add_gauges(MetricsText& page, const ServerTotals& totals, const HubMetrics& hub) {
  page.gauge("viewers", "Viewers here, without those told to leave",
             static_cast<double>(totals.viewers));
  page.gauge("connections", "Open descriptors of clients", static_cast<double>(totals.connections));
  page.gauge("rooms", "Rooms that this server follows", static_cast<double>(hub.rooms));
  page.gauge("ring_bytes", "Memory of the rooms' rings", static_cast<double>(totals.ring_bytes));
  page.gauge("loop_lag_ms", "Mean lag of the worst loop over the last second", totals.lag_ms);
  page.gauge("loop_busy", "Share of the last second that the busiest loop used", totals.busy);
  page.gauge("unpublished_messages", "Accepted messages that Redis has not confirmed",
             static_cast<double>(hub.unpublished));
  page.gauge("unpublished_bytes", "Their memory", static_cast<double>(hub.queued_bytes));
  page.gauge("redis_up", "1 while all connections to Redis are there", hub.redis ? 1 : 0);
  page.gauge("resident_bytes", "Resident memory of the process",
             static_cast<double>(resident_bytes()));
  page.gauge("heap_used_bytes", "Memory handed out by malloc",
             static_cast<double>(hub.heap_used_bytes));
}

}  // namespace

std::string metrics_page(const ServerTotals& totals, const HubMetrics& hub) {
  MetricsText page;
  Counters counters = totals.counters;
  counters.add(hub.counters);
  for (const Row& row : kRows) page.counter(row.name, row.help, counters[row.counter]);
  add_closes(page, counters);
  page.counter("fanouts", "Messages that came over the bus", hub.fanned_out);
  page.counter("bus_batches", "Batches that came over the bus", hub.bus_batches);
  page.counter("bus_unknown_version", "Batches of a version this release cannot read",
               hub.bus_unknown_version);
  page.counter("bus_malformed", "Batches and log entries that are none", hub.bus_malformed);
  page.counter("control_malformed", "Control messages that are none", hub.control_malformed);
  page.counter("redis_losses", "Times a connection to Redis was lost", hub.redis_losses);
  page.counter("redis_refusals", "Errors that Redis answered, and answers that made no sense",
               hub.redis_refusals);
  page.counter("epochs_begun", "Times a room's order began a new epoch", hub.epochs_begun);
  page.counter("dead_subscriptions", "Rooms whose messages Redis had and did not hand on",
               hub.dead_subscriptions);
  add_gauges(page, totals, hub);
  return page.take();
}

}  // namespace spillway::server
