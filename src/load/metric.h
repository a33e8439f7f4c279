// What is counted while a load runs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace spillway::load {

enum class Metric : std::uint8_t {
  kSent,  // messages that went out
  kAcked,
  kRefused,   // answered by an error: rate_limited, unavailable, …
  kUnsent,    // due, but its viewer had too many unanswered before it
  kRepeated,  // sent again after a connection was lost, under the same id
  kDeliveries,
  kDeliveriesInWindow,  // received within the measured window, whenever they were due
  kDuplicates,          // the same message twice on one connection
  kOutOfOrder,          // came after a later one
  kGaps,                // announced by the server
  kGapMessages,         // in them
  kConnects,            // registrations of viewers who came new
  kReconnects,          // registrations of viewers who had lost their connection
  kRedistributed,       // hand-overs to another server, done as told
  kMoved,               // to another room
  kLeft,                // of their own will
  kClosed,              // for good: the server told them not to come back
  kErrors,              // answers of type error
  kFailures,            // connections that broke or never came about, provisions that failed
  kUnrecovered,         // resumes whose position the server no longer knew, in another epoch
  kLeftMissing,  // missed by who is no longer there, nor in the room or epoch; not by slow ones
  kSlowSkipped,  // of kGapMessages, those of viewers that are slow on purpose
  kCount,
};

inline constexpr std::size_t kMetrics = static_cast<std::size_t>(Metric::kCount);

struct NamedMetric {
  std::string_view name;  // in the JSON, and in expectations
  Metric metric;
};
inline constexpr std::array kNamedMetrics{
    NamedMetric{"sent", Metric::kSent},
    NamedMetric{"acked", Metric::kAcked},
    NamedMetric{"refused", Metric::kRefused},
    NamedMetric{"unsent", Metric::kUnsent},
    NamedMetric{"repeated", Metric::kRepeated},
    NamedMetric{"deliveries", Metric::kDeliveries},
    NamedMetric{"duplicates", Metric::kDuplicates},
    NamedMetric{"out_of_order", Metric::kOutOfOrder},
    NamedMetric{"gaps", Metric::kGaps},
    NamedMetric{"gap_messages", Metric::kGapMessages},
    NamedMetric{"slow_skipped", Metric::kSlowSkipped},
    NamedMetric{"connects", Metric::kConnects},
    NamedMetric{"reconnects", Metric::kReconnects},
    NamedMetric{"redistributed", Metric::kRedistributed},
    NamedMetric{"moved", Metric::kMoved},
    NamedMetric{"left", Metric::kLeft},
    NamedMetric{"closed", Metric::kClosed},
    NamedMetric{"errors", Metric::kErrors},
    NamedMetric{"failures", Metric::kFailures},
    NamedMetric{"unrecovered", Metric::kUnrecovered},
};

using Counts = std::array<std::uint64_t, kMetrics>;

inline std::uint64_t count_of(const Counts& counts, Metric metric) {
  return counts[static_cast<std::size_t>(metric)];
}

}  // namespace spillway::load
