#include "redis/subscriptions.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "redis/command.h"
#include "redis/mend.h"

namespace spillway::redis {

void Subscriptions::subscribe(std::string channel) {
  Channel& state = channels_[channel];
  if (state.wanted) return;
  state.wanted = true;
  state.owed = true;
  enqueue(std::move(channel), state);
}

void Subscriptions::unsubscribe(std::string_view channel) {
  const auto found = channels_.find(channel);
  if (found == channels_.end() || !found->second.wanted) return;
  found->second.wanted = false;
  found->second.owed = false;
  enqueue(std::string(channel), found->second);
}

void Subscriptions::enqueue(std::string channel, Channel& state) {
  if (state.queued) return;
  state.queued = true;
  changed_.push_back(std::move(channel));
}

void Subscriptions::connected(TimePoint now) {
  CHECK(!connected_);
  connected_ = true;
  deadline_ = now + kSilenceMax;
}

void Subscriptions::lost() {
  if (!connected_) return;  // a failed attempt: nothing was asked for
  connected_ = false;
  unconfirmed_ = 0;
  ping_due_ = false;
  pings_ = 0;
  asked_ = false;
  probe_due_ = false;
  deadline_ = TimePoint::max();
  changed_.clear();
  boost::unordered::erase_if(channels_, [](const auto& entry) { return !entry.second.wanted; });
  for (auto& [name, state] : channels_) {
    state = {.wanted = true, .owed = true, .queued = true, .wire = Wire::kOff};
    changed_.push_back(name);
  }
}

void Subscriptions::probe() {
  if (!connected_) return;
  probe_due_ = true;
  probe_ = fmt::format("passed {}", ++probes_);
}

void Subscriptions::take(std::string& out) {
  if (!connected_) return;
  if (std::exchange(ping_due_, false)) {
    out.append(Command("PING").bytes());
    ++pings_;
  }
  if (std::exchange(probe_due_, false)) {
    out.append(Command("PING").arg(probe_).bytes());
    ++pings_;
  }
  if (unconfirmed_ > 0) return;
  Command on("SUBSCRIBE");
  Command off("UNSUBSCRIBE");
  std::size_t on_count = 0;
  std::size_t off_count = 0;
  while (!changed_.empty() && on_count + off_count < kChunkChannelsMax) {
    const std::string name = std::move(changed_.front());
    changed_.pop_front();
    const auto found = channels_.find(name);
    CHECK(found != channels_.end());
    Channel& state = found->second;
    state.queued = false;
    if (state.wanted && state.owed) {
      state.wire = Wire::kSubscribing;
      on.arg(name);
      ++on_count;
    } else if (!state.wanted && state.wire == Wire::kOn) {
      state.wire = Wire::kUnsubscribing;
      off.arg(name);
      ++off_count;
    } else if (!state.wanted) {
      channels_.erase(found);  // it came and went before it was asked for
    }
  }
  if (on_count > 0) out.append(on.bytes());
  if (off_count > 0) out.append(off.bytes());
  unconfirmed_ = on_count + off_count;
}

Result<Subscriptions::Event> Subscriptions::receive(const Reply& reply, TimePoint now) {
  deadline_ = now + kSilenceMax;
  asked_ = false;
  if (reply.is_error()) {
    // It is there, and does nothing else at present: whoever asks for more is told so.
    if (pings_ > 0 && unconfirmed_ == 0 && refused_whole(reply.error_text())) {
      --pings_;
      return Event(Nothing{});
    }
    return Error{fmt::format("Redis refused the subscription: {}", reply.error_text())};
  }
  const std::string_view kind = reply[0].text();
  if (kind == "message" && reply.size() == 3) {
    const Message message{reply[1].text(), reply[2].text()};
    const auto found = channels_.find(message.channel);
    if (found == channels_.end() || !found->second.wanted || found->second.owed)
      return Event(Nothing{});
    return Event(message);
  }
  if (kind == "subscribe" || kind == "unsubscribe") return confirm(kind, reply[1].text());
  // Without a channel Redis answers PING as to any client, with one also by an array.
  const std::string_view pong = kind == "pong" ? reply[1].text() : reply.text();
  if (pings_ > 0) --pings_;
  if (!probe_.empty() && pong == probe_) return Event(Passed{});
  if (kind == "pong" || reply.text() == "PONG" || pong.starts_with("passed "))
    return Event(Nothing{});
  return Error{"Redis sent an answer that nobody asked for to the subscriber"};
}

Result<Subscriptions::Event> Subscriptions::confirm(std::string_view kind,
                                                    std::string_view channel) {
  const Wire asked = kind == "subscribe" ? Wire::kSubscribing : Wire::kUnsubscribing;
  const auto found = channels_.find(channel);
  if (found == channels_.end() || found->second.wire != asked) {
    return Error{fmt::format("Redis confirmed a {} that was not asked for", kind)};
  }
  --unconfirmed_;
  Channel& state = found->second;
  if (asked == Wire::kSubscribing) {
    state.wire = Wire::kOn;
    if (!std::exchange(state.owed, false)) return Event(Nothing{});
    return Event(Subscribed{found->first});
  }
  state.wire = Wire::kOff;
  if (!state.wanted && !state.queued) channels_.erase(found);  // else take() decides
  return Event(Nothing{});
}

Status Subscriptions::tick(TimePoint now) {
  if (now < deadline_) return ok();
  if (asked_) return Error{"Redis does not answer the subscriber any more"};
  asked_ = true;
  ping_due_ = true;
  deadline_ = now + kPongTimeout;
  return ok();
}

}  // namespace spillway::redis
