// The channels that somebody wants, and how far Redis has confirmed them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "base/result.h"
#include "base/string_map.h"
#include "redis/reply.h"

namespace spillway::redis {

// Sans-I/O; time is passed in. Owned by a Subscriber, on its loop. At most one chunk of channels is
// asked for at a time, so each channel has at most one question open and a confirmation can belong
// to nothing else. Bounded by what its owner subscribes to.
class Subscriptions {
 public:
  static constexpr std::size_t kChunkChannelsMax = 500;
  static constexpr std::chrono::seconds kSilenceMax{5};   // then ask whether Redis is there
  static constexpr std::chrono::seconds kPongTimeout{5};  // then it is not

  // Idempotent. A channel that is wanted again after unsubscribe() is confirmed again.
  void subscribe(std::string channel);
  void unsubscribe(std::string_view channel);

  // A connection is there; it has no channels yet.
  void connected(TimePoint now);
  // It is gone. Every wanted channel will be asked for and confirmed again.
  void lost();

  // Asks for a Passed event: whatever was published to a subscribed channel before this call has
  // come out by then. It does not come if the connection is lost, if Redis is busy, or if this is
  // called again before.
  void probe();

  // Appends what to write now to `out`.
  void take(std::string& out);

  struct Nothing {};
  struct Subscribed {
    std::string channel;
  };
  struct Message {  // views into the reply
    std::string_view channel;
    std::string_view payload;
  };
  struct Passed {};
  using Event = std::variant<Nothing, Subscribed, Message, Passed>;
  // What a reply means. An Error: it makes no sense here, the connection must be given up. Messages
  // come out between the confirmation of their channel and unsubscribe() only.
  Result<Event> receive(const Reply& reply, TimePoint now);

  // When to call tick() next; TimePoint::max() while not connected.
  TimePoint next_deadline() const { return deadline_; }
  // Silence for too long makes take() have a PING; silence after it is an Error: give up.
  Status tick(TimePoint now);

  std::size_t size() const { return channels_.size(); }

 private:
  enum class Wire { kOff, kSubscribing, kOn, kUnsubscribing };
  struct Channel {
    bool wanted = false;
    bool owed = false;    // its owner waits for a confirmation
    bool queued = false;  // stands in `changed_`
    Wire wire = Wire::kOff;
  };

  void enqueue(std::string channel, Channel& state);
  Result<Event> confirm(std::string_view kind, std::string_view channel);

  StringMap<Channel> channels_;
  std::deque<std::string> changed_;  // channels that may need a command
  std::size_t unconfirmed_ = 0;      // channels of the chunk that is asked for
  bool connected_ = false;
  bool ping_due_ = false;
  std::size_t pings_ = 0;  // on their way: a pong or an error answers each
  bool asked_ = false;     // by one of them, because of silence: the deadline is that of its answer
  bool probe_due_ = false;
  std::string probe_;  // what the newest one's PING brings back
  std::uint64_t probes_ = 0;
  TimePoint deadline_ = TimePoint::max();
};

}  // namespace spillway::redis
