#include "cli/chat_machine.h"

#include <fmt/core.h>

#include <algorithm>

#include "protocol/client_writer.h"
#include "protocol/json_writer.h"

namespace spillway::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kSilenceMax{40};       // the server speaks at least every 25 s
constexpr milliseconds kPatience{1000};  // where the server says no better
constexpr milliseconds kLinger{200};
constexpr seconds kGiveUpAfter{30};
constexpr std::uint32_t kHistory = 10;
constexpr std::uint16_t kMessageTooBig = 1009;

// Full jitter: a restart of a server must not bring every viewer back in step.
milliseconds retry_delay(unsigned attempt, double random) {
  constexpr double kBaseMs = 250;
  constexpr double kCapMs = 30'000;
  const double limit =
      std::min(kCapMs, kBaseMs * static_cast<double>(1U << std::min(attempt, 10U)));
  return milliseconds(static_cast<std::int64_t>(random * limit));
}

std::string in_seconds(milliseconds delay) {
  return fmt::format("{:.1f} s", static_cast<double>(delay.count()) / 1000);
}

}  // namespace

ChatEffects ChatMachine::step(const ChatEvent& event) {
  effects_.clear();
  if (state_ != State::kClosed) {
    std::visit([this](const auto& what) { on(what); }, event);
  }
  return std::exchange(effects_, {});
}

void ChatMachine::on(const Started&) { look_for_server(); }

void ChatMachine::look_for_server() {
  state_ = State::kConnecting;
  if (redirect_) return on(Found{*std::exchange(redirect_, std::nullopt)});
  if (settings_.server.empty()) return emit(FindServer{});
  // By turns the one that was told us last and the one we were given: either may be gone.
  on(Found{attempt_ % 2 == 1 ? good_url_ : settings_.server});
}

void ChatMachine::on(const Found& found) {
  url_ = found.url;
  emit(Connect{url_});
}

void ChatMachine::on(const Opened&) {
  state_ = State::kOpen;
  emit(Arm{ChatTimer::kSilence, kSilenceMax});
  send_register();
}

void ChatMachine::send_register() {
  std::string text;
  protocol::append_register(text, settings_.room, position_, kHistory);
  emit(SendText{std::move(text)});
}

void ChatMachine::on(const Heard& heard) {
  if (!connected()) return;
  emit(Arm{ChatTimer::kSilence, kSilenceMax});
  std::visit([this](const auto& what) { hear(what); }, heard.event);
}

void ChatMachine::hear(const protocol::RegisteredEvent& registered) {
  if (position_ && registered.recovered == false) {
    if (position_->epoch != registered.epoch) {
      emit(ShowNote{"(the room began anew: messages may be missing)"});
    } else if (registered.seq > position_->seq) {
      note_skipped(registered.seq - position_->seq);
    }
  }
  position_ = protocol::Position{std::string(registered.epoch), registered.seq};
  if (state_ == State::kRegistered) return;  // unasked: a new epoch
  state_ = State::kRegistered;
  attempt_ = 0;
  good_url_ = url_;
  held_ = false;
  emit(Disarm{ChatTimer::kGiveUp});
  emit(Say{fmt::format("{} {} at {}, viewers: {}", was_registered_ ? "back in" : "in",
                       settings_.room, url_, registered.viewers)});
  was_registered_ = true;
  send_next();
}

void ChatMachine::hear(const protocol::ChatEvent& chat) {
  if (chat.seq && position_) {
    if (*chat.seq <= position_->seq) return;
    position_->seq = *chat.seq;
  }
  if (!first_time(chat.id)) return;
  emit(ShowMessage{std::string(chat.name), std::string(chat.message), chat.ts});
}

// A sender that is unsure repeats a message under the same id; it is shown once.
bool ChatMachine::first_time(std::string_view id) {
  if (id.empty()) return true;
  if (!known_ids_.insert(std::string(id)).second) return false;
  recent_ids_.emplace_back(id);
  if (recent_ids_.size() > kIdsMax) {
    known_ids_.erase(recent_ids_.front());
    recent_ids_.pop_front();
  }
  return true;
}

void ChatMachine::hear(const protocol::GapEvent& gap) {
  if (gap.to >= gap.from) note_skipped(gap.to - gap.from + 1);
  if (position_) position_->seq = std::max(position_->seq, gap.to);
}

void ChatMachine::note_skipped(std::uint64_t count) {
  emit(ShowNote{fmt::format("({} messages skipped)", count)});
}

void ChatMachine::hear(const protocol::AckEvent& ack) {
  if (in_flight_ && lines_.front().id == ack.id) answered();
}

// The line in flight has met its fate.
void ChatMachine::answered() {
  lines_.pop_front();
  in_flight_ = false;
  send_next();
}

void ChatMachine::refuse_line(std::string_view why) {
  refused_ = true;
  emit(Say{fmt::format("not sent: {}", why)});
}

void ChatMachine::hear(const protocol::ErrorEvent& error) {
  const bool of_line = in_flight_ && lines_.front().id == error.id;
  const bool later = error.known == protocol::ErrorCode::kRateLimited ||
                     error.known == protocol::ErrorCode::kUnavailable;
  if (of_line && !later) {
    refuse_line(error.message);
    return answered();
  }
  const bool of_register = state_ == State::kOpen;
  if (of_register && !later) return leave(1, fmt::format("--room: {}", error.message));
  if (!of_line && !of_register) return emit(Say{std::string(error.message)});
  const milliseconds delay =
      error.retry_after_ms
          ? milliseconds(std::min<std::uint64_t>(*error.retry_after_ms, 24ULL * 3600 * 1000))
          : kPatience;
  emit(Say{fmt::format("{}; again in {}", error.message, in_seconds(delay))});
  in_flight_ = false;
  held_ = true;
  emit(Arm{ChatTimer::kResend, delay});
  if (move_due_) move();
}

void ChatMachine::hear(const protocol::RedistributeEvent& order) {
  redirect_.reset();
  if (order.redirect) redirect_ = std::string(*order.redirect);
  moving_ = true;
  emit(Arm{ChatTimer::kMove, milliseconds(order.delay_ms)});
}

// Leaves for another server once the line in flight is answered.
void ChatMachine::move() {
  emit(Say{"moving to another server"});
  emit(Disconnect{});
  emit(Disarm{ChatTimer::kSilence});
  moving_ = false;
  move_due_ = false;
  look_for_server();
}

void ChatMachine::send_next() {
  if (move_due_ && !in_flight_) return move();
  if (state_ != State::kRegistered || in_flight_ || held_ || moving_) return;
  if (lines_.empty()) {
    if (input_ended_) emit(Arm{ChatTimer::kLinger, kLinger});
    return;
  }
  std::string data = R"({"name":)";
  protocol::append_json_string(data, settings_.name);
  data += '}';
  std::string text;
  protocol::append_chat_request(text, lines_.front().text, lines_.front().id, data);
  in_flight_ = true;
  emit(SendText{std::move(text)});
}

void ChatMachine::on(const Lost& lost) {
  if (state_ == State::kWaiting) return;
  for (const ChatTimer timer : {ChatTimer::kSilence, ChatTimer::kMove, ChatTimer::kLinger}) {
    emit(Disarm{timer});
  }
  const bool line_too_long = lost.code == kMessageTooBig && in_flight_;
  if (line_too_long) {
    refuse_line("the line is longer than the server takes");
    lines_.pop_front();
  }
  in_flight_ = false;  // its fate is unknown: it is repeated under its id
  moving_ = false;
  move_due_ = false;
  if (!was_registered_) {
    return leave(1, settings_.server.empty()
                        ? fmt::format("--balancer: {}; `spillway up` starts one", lost.why)
                        : fmt::format("--server: {}; is one running there?", lost.why));
  }
  if (!lost.retryable && !line_too_long) return leave(1, lost.why);
  const milliseconds delay = retry_delay(attempt_, settings_.random());
  ++attempt_;
  state_ = State::kWaiting;
  emit(Say{fmt::format("{}; again in {}", lost.why, in_seconds(delay))});
  emit(Arm{ChatTimer::kRetry, delay});
  if (input_ended_) emit(Arm{ChatTimer::kGiveUp, kGiveUpAfter});
}

void ChatMachine::on(const Typed& typed) {
  lines_.push_back({settings_.new_id(), typed.line});
  send_next();
}

void ChatMachine::on(const InputEnded&) {
  input_ended_ = true;
  if (state_ != State::kRegistered) emit(Arm{ChatTimer::kGiveUp, kGiveUpAfter});
  send_next();
}

void ChatMachine::on(const Elapsed& elapsed) {
  switch (elapsed.timer) {
    case ChatTimer::kRetry:
      if (state_ == State::kWaiting) look_for_server();
      return;
    case ChatTimer::kSilence:
      if (!connected()) return;
      emit(Disconnect{});
      return on(Lost{"nothing heard for 40 s", 0, true});
    case ChatTimer::kResend:
      held_ = false;
      if (state_ == State::kOpen) return send_register();
      return send_next();
    case ChatTimer::kMove:
      move_due_ = moving_;
      return send_next();
    case ChatTimer::kLinger:
      return leave(refused_ ? 1 : 0);
    case ChatTimer::kGiveUp:
      return leave(
          1, fmt::format("the server is away; {} lines were not acknowledged", lines_.size()));
  }
}

void ChatMachine::leave(int exit_code, std::string why) {
  if (connected()) emit(Disconnect{});
  state_ = State::kClosed;
  emit(Leave{exit_code, std::move(why)});
}

}  // namespace spillway::cli
