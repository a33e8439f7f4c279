#include "load/viewer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "base/overloaded.h"
#include "load/load_text.h"
#include "protocol/client_writer.h"
#include "protocol/close_code.h"
#include "websocket/close_code.h"

namespace spillway::load {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using websocket::Opcode;

constexpr seconds kAnswersWithin{15};        // the server's promise
constexpr milliseconds kHandoverAgain{100};  // where it could not begin
constexpr std::uint8_t kAttemptsCounted = 10;

Opcode opcode_of(const Dialect& dialect) {
  return dialect.binary() ? Opcode::kBinary : Opcode::kText;
}

bool may_come_back(std::uint16_t code) {
  return code == websocket::kNoStatus || code == websocket::kNormal || protocol::is_retryable(code);
}

}  // namespace

Viewer::Viewer(std::uint32_t index, Room& room, bool slow) : reader_(room, slow), index_(index) {}

void Viewer::come(Crowd& crowd) {
  if (state_ == State::kAbsent) look_for_server(crowd);
}

void Viewer::look_for_server(Crowd& crowd) {
  state_ = State::kSeeking;
  seek(crowd);
}

void Viewer::seek(Crowd& crowd) {
  const Manners& manners = crowd.manners;
  if (manners.fixed_url.empty()) return crowd.want(index_, Seek{});
  found(was_there_ && !manners.return_url.empty() ? manners.return_url : manners.fixed_url, crowd);
}

void Viewer::found(std::string_view url, Crowd& crowd) {
  if (state_ == State::kSeeking) {
    state_ = State::kJoining;
    crowd.want(index_, Connect{main_, std::string(url)});
  } else if (handover_ == Handover::kSeeking) {
    handover_ = Handover::kJoining;
    crowd.want(index_, Connect{static_cast<std::uint8_t>(other()), std::string(url)});
  }
}

void Viewer::not_found(std::string_view why, Crowd& crowd) {
  failed(why, crowd);
  if (state_ == State::kSeeking) return retry(crowd);
  if (handover_ != Handover::kSeeking) return;
  // It stays where it is, until it is closed there.
  handover_ = Handover::kNone;
  reader_.has_moved();
  go_on(crowd);
}

bool Viewer::awaits(unsigned index) const {
  if (links_[index]) return false;
  return index == main_ ? state_ == State::kJoining : handover_ == Handover::kJoining;
}

void Viewer::connect(unsigned index, const std::string& host, const std::string& path,
                     TimePoint now, const Crowd& crowd) {
  websocket::ClientRequest request;
  request.host = host;
  request.path = path;
  request.key = websocket::random_key();
  links_[index] = std::make_unique<Link>(std::move(request), crowd.manners.dialect);
  links_[index]->heard = now;
  if (was_there_ && index == main_) reader_.interruption().comes_back(now);
}

void Viewer::receive(unsigned index, std::span<char> input, TimePoint now, Crowd& crowd) {
  if (!link(index)) return;
  link(index)->heard = now;
  if (link(index)->handshake) finish_handshake(index, input, crowd);
  while (link(index) && !link(index)->handshake) {
    Link& from = *link(index);
    if (from.reader.idle()) {
      const std::string_view bytes(input.data(), input.size());
      input = input.subspan(reader_.follow_transcript(from, bytes, now, crowd));
    }
    const websocket::Event event = from.reader.next(input, nullptr);
    if (std::holds_alternative<websocket::NeedMore>(event)) return;
    take(index, event, now, crowd);
  }
}

void Viewer::finish_handshake(unsigned index, std::span<char>& input, Crowd& crowd) {
  std::size_t consumed = 0;
  const auto outcome = link(index)->handshake->feed(input, consumed);
  input = input.subspan(consumed);
  if (std::holds_alternative<websocket::NeedMore>(outcome)) return;
  if (const auto* error = std::get_if<Error>(&outcome)) {
    return break_off(index, error->message, crowd);
  }
  link(index)->handshake.reset();
  send_register(index, crowd);
  // A server of the plain protocol need not answer.
  if (!crowd.manners.resume && index == main_) entered(crowd);
}

void Viewer::send_register(unsigned index, Crowd& crowd) {
  const Room& room = asked_ == nullptr ? reader_.room() : *asked_;
  if (const Dialect* const dialect = crowd.manners.dialect) {
    const std::string enter = dialect->enter(room.name);
    if (!enter.empty()) send(index, opcode_of(*dialect), enter, crowd);
    return;
  }
  std::optional<protocol::Position> since;
  if (crowd.manners.resume && asked_ == nullptr) since = reader_.position();
  std::string text;
  protocol::append_register(text, room.name, since);
  send(index, Opcode::kText, text, crowd);
}

void Viewer::entered(Crowd& crowd) {
  state_ = State::kWatching;
  reader_.entered();
  attempts_ = 0;
  crowd.tally->add(was_there_ ? Metric::kReconnects : Metric::kConnects);
  if (!std::exchange(was_there_, true)) crowd.want(index_, Joined{});
  go_on(crowd);
}

void Viewer::take(unsigned index, const websocket::Event& event, TimePoint now, Crowd& crowd) {
  std::visit(
      overloaded{
          [](websocket::NeedMore) {},
          [](const websocket::Pong&) {},
          [&](const websocket::Message& message) {
            hear(index, {message.payload.data(), message.payload.size()}, now, crowd);
          },
          [&](const websocket::Ping& ping) {
            send(index, Opcode::kPong, {ping.payload.data(), ping.payload.size()}, crowd);
          },
          [&](const websocket::Close& close) { closed(index, close, crowd); },
          [&](const websocket::Failure& failure) { break_off(index, failure.reason, crowd); },
      },
      event);
}

void Viewer::hear(unsigned index, std::string_view text, TimePoint now, Crowd& crowd) {
  constexpr std::string_view kNoJson = "a message that is no JSON object";
  const Dialect* const dialect = crowd.manners.dialect;
  if (dialect == nullptr) {
    if (!read_message(index, text, now, crowd)) break_off(index, kNoJson, crowd);
    return;
  }
  // Whatever is wrong, the connection stays until the dialect has returned: `text` is in it.
  bool valid = true;
  const std::string answer = dialect->hear(link(index)->rest, text, [&](std::string_view message) {
    valid = read_chat(index, message, now, crowd) && valid;
  });
  if (!valid) return break_off(index, kNoJson, crowd);
  if (!answer.empty()) send(index, opcode_of(*dialect), answer, crowd);
}

bool Viewer::read_message(unsigned index, std::string_view text, TimePoint now, Crowd& crowd) {
  using namespace protocol;
  return crowd.parser.parse(text, [&](const ServerEvent& event) {
    if (!link(index)) return;  // lost it by the one before
    std::visit(overloaded{
                   [&](const ChatEvent& chat) { reader_.on(*link(index), chat, text, now, crowd); },
                   [&](const RegisteredEvent& registered) { on(index, registered, crowd); },
                   [&](const AckEvent& ack) { on(ack, crowd); },
                   [&](const GapEvent& gap) { reader_.on(gap, crowd); },
                   [&](const RedistributeEvent& order) {
                     if (index == main_) on(order, crowd);
                   },
                   [&](const ErrorEvent& error) { on(index, error, crowd); },
                   [](const WelcomeEvent&) {},
                   [](const ViewersEvent&) {},
                   [](const UnknownEvent&) {},
               },
               event);
  });
}

// All that a dialect brings; nothing of it ends the connection.
bool Viewer::read_chat(unsigned index, std::string_view text, TimePoint now, Crowd& crowd) {
  return crowd.parser.parse(text, [&](const protocol::ServerEvent& event) {
    const auto* const chat = std::get_if<protocol::ChatEvent>(&event);
    if (chat != nullptr) reader_.on(*link(index), *chat, text, now, crowd);
  });
}

void Viewer::on(unsigned index, const protocol::RegisteredEvent& registered, Crowd& crowd) {
  if (asked_ != nullptr && registered.chat_id == asked_->name) enter(*asked_, crowd);
  reader_.on(*link(index), registered, crowd);
  if (index != main_) {
    if (handover_ == Handover::kJoining) handed_over(crowd);
    return;
  }
  if (state_ == State::kJoining) return entered(crowd);
  go_on(crowd);
}

void Viewer::on(const protocol::AckEvent& ack, Crowd& crowd) {
  crowd.tally->add(Metric::kAcked);
  reader_.on(ack);
  answered(ack.id, crowd);
}

void Viewer::on(const protocol::RedistributeEvent& order, Crowd& crowd) {
  if (handover_ > Handover::kDue) return;
  redirect_.reset();
  if (order.redirect) redirect_ = std::make_unique<std::string>(*order.redirect);
  handover_ = Handover::kDue;
  reader_.interruption().is_told_to_move(links_[main_]->heard);
  wake(Alarm::kMove, milliseconds(order.delay_ms), crowd);
}

void Viewer::on(unsigned index, const protocol::ErrorEvent& error, Crowd& crowd) {
  crowd.tally->add(Metric::kErrors);
  crowd.tally->note(fmt::format("{}: {}", error.code, error.message));
  if (!error.id.empty()) {
    crowd.tally->add(Metric::kRefused);
    return answered(error.id, crowd);
  }
  if (!link(index)->registered) return break_off(index, error.message, crowd);
  if (index != main_ || asked_ == nullptr) return;
  // It is not let in, and stays in the room where it is.
  asked_ = next_room_ = nullptr;
  go_on(crowd);
}

void Viewer::closed(unsigned index, const websocket::Close& close, Crowd& crowd) {
  const std::string why = fmt::format("closed with {} {}", close.code, close.reason);
  if (index != main_ || may_come_back(close.code)) return break_off(index, why, crowd);
  failed(why, crowd);
  crowd.tally->add(Metric::kClosed);
  take_apart(State::kGone, crowd);
}

// The other connection is in the room. The old one stays until it owes nothing.
void Viewer::handed_over(Crowd& crowd) {
  main_ = static_cast<std::uint8_t>(other());
  handover_ = Handover::kLeaving;
  crowd.tally->add(Metric::kRedistributed);
  wake(Alarm::kAnswers, kAnswersWithin, crowd);
  leave_when_answered(crowd);
}

void Viewer::leave_when_answered(Crowd& crowd) {
  if (handover_ != Handover::kLeaving || chats_.owed_by(other())) return;
  drop(other(), crowd);
  handover_ = Handover::kNone;
  reader_.has_moved();
  go_on(crowd);
}

void Viewer::move_to(Room& room, Crowd& crowd) {
  if (state_ == State::kGone) return;
  const bool there = &room == &reader_.room() && asked_ == nullptr;
  next_room_ = there ? nullptr : &room;
  if (next_room_ != nullptr && !links_[main_]) return enter(room, crowd);
  move_on(crowd);
}

void Viewer::move_on(Crowd& crowd) {
  if (next_room_ == nullptr || asked_ != nullptr) return;
  if (state_ != State::kWatching || handover_ > Handover::kDue) return;
  asked_ = next_room_;
  send_register(main_, crowd);
}

void Viewer::enter(Room& room, Crowd& crowd) {
  reader_.move(room, crowd);
  if (next_room_ == &room) next_room_ = nullptr;
  asked_ = nullptr;
  crowd.tally->add(Metric::kMoved);
}

void Viewer::lost(unsigned index, std::string_view why, Crowd& crowd) {
  if (!links_[index]) return;
  links_[index].reset();
  failed(why, crowd);
  chats_.take_back(index);
  // One that was to join is not needed: the main one goes on until it is closed.
  handover_ = Handover::kNone;
  reader_.has_moved();
  if (index != main_) return go_on(crowd);
  asked_ = nullptr;
  if (!links_[other()]) {
    if (next_room_ != nullptr) enter(*next_room_, crowd);
    return retry(crowd);
  }
  main_ = static_cast<std::uint8_t>(other());
  if (!link(main_)->registered) state_ = State::kJoining;
  go_on(crowd);
}

// Full jitter: a server that comes back must not be met by all of its viewers at once.
void Viewer::retry(Crowd& crowd) {
  state_ = State::kWaiting;
  const auto limit = std::min<Duration>(
      crowd.manners.reconnect_delay * (std::int64_t{1} << attempts_), Manners::kReconnectDelayMax);
  attempts_ = std::min<std::uint8_t>(attempts_ + 1, kAttemptsCounted);
  wake(Alarm::kRetry, scaled(limit, crowd.random.unit()), crowd);
}

void Viewer::wake(Alarm alarm, Duration after, Crowd& crowd) {
  crowd.want(index_, Wake{alarm, after, ++wakes_});
}

void Viewer::woke(Alarm alarm, std::uint32_t number, Crowd& crowd) {
  if (number != wakes_) return;
  if (alarm == Alarm::kRetry && state_ == State::kWaiting) return look_for_server(crowd);
  if (alarm == Alarm::kMove && handover_ == Handover::kDue) {
    const bool in_its_room = state_ == State::kWatching && asked_ == nullptr;
    if (!in_its_room) return wake(Alarm::kMove, kHandoverAgain, crowd);
    handover_ = Handover::kSeeking;
    if (!redirect_) return seek(crowd);
    return found(*std::exchange(redirect_, nullptr), crowd);
  }
  if (alarm == Alarm::kAnswers && handover_ == Handover::kLeaving) {
    chats_.take_back(other());
    leave_when_answered(crowd);
  }
}

void Viewer::say(TimePoint due, Crowd& crowd) {
  if (state_ == State::kAbsent || state_ == State::kGone) return;
  // Where nobody answers, what the server does not take is the bound.
  if (chats_.full() || out(main_).size() > kMessageBytesMax) {
    return crowd.tally->add(Metric::kUnsent);
  }
  chats_.add(crowd.next_id++, due);
  send_chats(crowd);
}

// What had to wait for a change of rooms or servers.
void Viewer::go_on(Crowd& crowd) {
  send_chats(crowd);
  move_on(crowd);
}

// While it moves, to another room or server, new lines wait.
void Viewer::send_chats(Crowd& crowd) {
  if (state_ != State::kWatching || asked_ != nullptr || handover_ == Handover::kLeaving) return;
  chats_.send([&](Chat& chat) { write(chat, crowd); });
  if (!crowd.manners.resume) chats_.clear();  // nobody will answer
}

void Viewer::write(Chat& chat, Crowd& crowd) {
  const Room& room = reader_.room();
  crowd.tally->add(chat.number == 0 ? Metric::kSent : Metric::kRepeated);
  if (chat.number == 0) chat.number = room.progress->take_number();
  chat.link = main_;
  const std::string text =
      write_load_text({crowd.author, chat.due, chat.number}, crowd.manners.text_bytes);
  if (const Dialect* const dialect = crowd.manners.dialect) {
    const std::string message = fmt::format(R"({{"type":"chat","message":"{}"}})", text);
    return send(main_, opcode_of(*dialect), dialect->say(room.name, message), crowd);
  }
  std::string message;
  const std::string id = crowd.manners.resume ? crowd.id_text(chat.id) : std::string();
  protocol::append_chat_request(message, text, id);
  send(main_, Opcode::kText, message, crowd);
}

void Viewer::answered(std::string_view id, Crowd& crowd) {
  const auto number = crowd.id_number(id);
  if (!number) return;
  chats_.answered(*number);
  leave_when_answered(crowd);
}

void Viewer::leave(Crowd& crowd) {
  if (state_ == State::kAbsent || state_ == State::kGone) return;
  if (next_room_ != nullptr) enter(*next_room_, crowd);
  take_apart(State::kAbsent, crowd);
  was_there_ = false;
  crowd.tally->add(Metric::kLeft);
}

void Viewer::take_apart(State state, Crowd& crowd) {
  for (const unsigned index : {0U, 1U}) drop(index, crowd);
  reader_.leave(crowd);
  chats_.clear();
  redirect_.reset();
  next_room_ = asked_ = nullptr;
  handover_ = Handover::kNone;
  state_ = state;
}

void Viewer::failed(std::string_view why, Crowd& crowd) {
  crowd.tally->add(Metric::kFailures);
  crowd.tally->note(why);
}

void Viewer::break_off(unsigned index, std::string_view why, Crowd& crowd) {
  crowd.want(index_, Drop{static_cast<std::uint8_t>(index)});
  lost(index, why, crowd);
}

void Viewer::drop(unsigned index, Crowd& crowd) {
  if (!links_[index]) return;
  links_[index].reset();
  crowd.want(index_, Drop{static_cast<std::uint8_t>(index)});
}

void Viewer::send(unsigned index, Opcode opcode, std::string_view payload, Crowd& crowd) {
  link(index)->send(opcode, payload, crowd.mask());
}

std::string_view Viewer::out(unsigned index) const {
  return links_[index] ? std::string_view(links_[index]->out) : std::string_view();
}

TimePoint Viewer::heard(unsigned index) const {
  return links_[index] ? links_[index]->heard : TimePoint::max();
}

}  // namespace spillway::load
