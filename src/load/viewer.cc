#include "load/viewer.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>
#include <variant>

#include "base/overloaded.h"
#include "protocol/client_writer.h"

namespace spillway::load {
namespace {

using std::chrono::seconds;
using websocket::Opcode;

constexpr seconds kRetryDelayMax{30};
constexpr seconds kAnswersWithin{15};  // the server's promise
constexpr std::uint8_t kAttemptsCounted = 10;
constexpr std::uint16_t kStayAway = 4500;  // from here on a close code means: do not come back

websocket::ReaderOptions reader_options(const Dialect* dialect) {
  websocket::ReaderOptions options;
  options.role = websocket::ReaderOptions::Role::kClient;
  options.message_bytes_max = Viewer::kMessageBytesMax;
  options.allow_binary = dialect != nullptr && dialect->binary();
  return options;
}

Opcode opcode_of(const Dialect& dialect) {
  return dialect.binary() ? Opcode::kBinary : Opcode::kText;
}

}  // namespace

Link::Link(websocket::ClientRequest request, const Dialect* dialect)
    : reader(reader_options(dialect)), out(websocket::client_request(request)) {
  handshake = std::make_unique<websocket::ClientHandshake>(std::move(request));
}

Viewer::Viewer(std::uint32_t index, Room& room, bool slow)
    : room_(&room), index_(index), slow_(slow) {}

void Viewer::come(Crowd& crowd) {
  if (state_ == State::kAbsent) look_for_server(crowd);
}

void Viewer::look_for_server(Crowd& crowd) {
  state_ = State::kSeeking;
  if (crowd.manners.fixed_url.empty()) return crowd.want(index_, Seek{});
  found(crowd.manners.fixed_url, crowd);
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
  crowd.tally->add(Metric::kFailures);
  crowd.tally->problem.set(why);
  // Who is to move stays where it is, until it is closed there.
  if (handover_ == Handover::kSeeking) handover_ = Handover::kNone;
  if (state_ == State::kSeeking) retry(crowd);
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
}

void Viewer::receive(unsigned index, std::span<char> input, TimePoint now, Crowd& crowd) {
  if (!link(index)) return;
  link(index)->heard = now;
  if (link(index)->handshake) finish_handshake(index, input, crowd);
  while (link(index) && !link(index)->handshake) {
    Link& from = *link(index);
    if (positioned_ && from.reader.idle()) {
      input = input.subspan(follow_transcript(from, {input.data(), input.size()}, now, crowd));
    }
    const websocket::Event event = from.reader.next(input, nullptr);
    if (std::holds_alternative<websocket::NeedMore>(event)) return;
    take(index, event, now, crowd);
  }
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
          [&](const websocket::Failure& failure) {
            crowd.want(index_, Drop{static_cast<std::uint8_t>(index)});
            lost(index, failure.reason, crowd);
          },
      },
      event);
}

void Viewer::closed(unsigned index, const websocket::Close& close, Crowd& crowd) {
  const bool for_good = close.code >= kStayAway && index == main_;
  crowd.want(index_, Drop{static_cast<std::uint8_t>(index)});
  lost(index, fmt::format("closed with {} {}", close.code, close.reason), crowd);
  if (!for_good) return;
  crowd.tally->add(Metric::kClosed);
  state_ = State::kGone;
}

void Viewer::finish_handshake(unsigned index, std::span<char>& input, Crowd& crowd) {
  std::size_t consumed = 0;
  const auto outcome = link(index)->handshake->feed(input, consumed);
  input = input.subspan(consumed);
  if (std::holds_alternative<websocket::NeedMore>(outcome)) return;
  if (const auto* error = std::get_if<Error>(&outcome)) {
    crowd.want(index_, Drop{static_cast<std::uint8_t>(index)});
    return lost(index, error->message, crowd);
  }
  link(index)->handshake.reset();
  send_register(index, crowd);
  // A server of the plain protocol need not answer.
  if (!crowd.manners.resume && index == main_) entered(crowd);
}

void Viewer::send_register(unsigned index, Crowd& crowd) {
  if (const Dialect* const dialect = crowd.manners.dialect) {
    const std::string enter = dialect->enter(room_->name);
    if (!enter.empty()) send(index, opcode_of(*dialect), enter, crowd);
    return;
  }
  std::string text;
  std::optional<protocol::Position> since;
  if (crowd.manners.resume && positioned_ && epoch_ != nullptr && next_room_ == nullptr) {
    since = protocol::Position{*epoch_, sequence_.next() - 1};
  }
  protocol::append_register(text, next_room_ == nullptr ? room_->name : next_room_->name, since);
  send(index, Opcode::kText, text, crowd);
}

// Takes as many whole frames off the front of `input` as are known to be the next ones.
std::size_t Viewer::follow_transcript(Link& from, std::string_view input, TimePoint now,
                                      Crowd& crowd) {
  std::size_t taken = 0;
  while (const Transcript::Entry* entry = room_->transcript.find(sequence_.next())) {
    if (!input.substr(taken).starts_with(entry->frame)) break;
    taken += entry->frame.size();
    sequence_.advance();
    delivered(entry->due, now, crowd);
  }
  if (taken > 0) from.next = sequence_.next();
  return taken;
}

void Viewer::hear(unsigned index, std::string_view text, TimePoint now, Crowd& crowd) {
  const Dialect* const dialect = crowd.manners.dialect;
  if (dialect == nullptr) return read_message(index, text, now, crowd);
  std::string rest = std::move(link(index)->rest);
  const std::string answer = dialect->hear(rest, text, [&](std::string_view message) {
    if (link(index)) read_message(index, message, now, crowd);
  });
  if (!link(index)) return;
  link(index)->rest = std::move(rest);
  if (!answer.empty()) send(index, opcode_of(*dialect), answer, crowd);
}

void Viewer::read_message(unsigned index, std::string_view text, TimePoint now, Crowd& crowd) {
  using namespace protocol;
  const bool valid = crowd.parser.parse(text, [&](const ServerEvent& event) {
    if (!link(index)) return;  // lost it by the one before
    std::visit(overloaded{
                   [&](const ChatEvent& chat) { on(index, chat, text, now, crowd); },
                   [&](const RegisteredEvent& registered) { on(index, registered, crowd); },
                   [&](const AckEvent& ack) { on(ack, crowd); },
                   [&](const GapEvent& gap) { on(gap, crowd); },
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
  if (valid) return;
  crowd.want(index_, Drop{static_cast<std::uint8_t>(index)});
  lost(index, "a message that is no JSON object", crowd);
}

void Viewer::on(unsigned index, const protocol::ChatEvent& chat, std::string_view text,
                TimePoint now, Crowd& crowd) {
  const std::optional<LoadText> ours = read_load_text(chat.message);
  const bool of_this_run = ours && ours->author.run == crowd.author.run;
  std::optional<TimePoint> due;
  if (ours && ours->author == crowd.author) due = ours->due;
  if (!chat.seq) crowd.numbered = true;
  // Without seq nobody knows the order, but what is missing or doubled shows by our own numbers.
  if (!chat.seq && !of_this_run) return delivered(due, now, crowd);
  const std::uint64_t seq = chat.seq ? *chat.seq : ours->number;
  if (!std::exchange(positioned_, true)) sequence_.begin(seq - 1);

  Link& from = *link(index);
  const bool seen_on_link = seq < from.next;
  from.next = std::max(from.next, seq + 1);
  switch (sequence_.saw(seq)) {
    case Sequence::Verdict::kRepeat:
      // In a hand-over both connections bring the same messages; and what has a number of ours
      // may have been said before this viewer came.
      if (seen_on_link) {
        crowd.tally->add(Metric::kDuplicates);
      } else if (!chat.seq) {
        delivered(due, now, crowd);
      }
      return;
    case Sequence::Verdict::kLate:
      if (chat.seq) crowd.tally->add(Metric::kOutOfOrder);
      break;
    case Sequence::Verdict::kNext:
    case Sequence::Verdict::kAfterHole:
      break;
  }
  delivered(due, now, crowd);
  room_->progress->reached(seq);
  room_->transcript.add(seq, due, text);
}

// When a slow line brings something says nothing about the server.
void Viewer::delivered(std::optional<TimePoint> due, TimePoint now, Crowd& crowd) const {
  crowd.delivered(slow_ ? std::nullopt : due, now);
}

void Viewer::on(unsigned index, const protocol::RegisteredEvent& registered, Crowd& crowd) {
  if (next_room_ != nullptr && registered.chat_id == next_room_->name) {
    leave_room(crowd);
    room_ = std::exchange(next_room_, nullptr);
    crowd.tally->add(Metric::kMoved);
  }
  Link& from = *link(index);
  from.registered = true;
  from.next = registered.seq + 1;
  take_position(registered, crowd);
  if (index != main_) {
    if (handover_ == Handover::kJoining) handed_over(crowd);
    return;
  }
  if (state_ == State::kJoining) return entered(crowd);
  send_chats(crowd);
}

// What it missed while it was away, by the server's verdict and by what it knows itself.
void Viewer::take_position(const protocol::RegisteredEvent& registered, Crowd& crowd) {
  const std::string* const epoch = crowd.epoch(registered.epoch);
  const bool same = epoch == std::exchange(epoch_, epoch);
  room_->progress->registered(std::hash<std::string_view>{}(registered.epoch), registered.seq);
  if (!std::exchange(positioned_, true)) return sequence_.begin(registered.seq);
  if (registered.recovered == true) return;
  if (same && registered.seq >= sequence_.next()) {
    if (registered.recovered) {
      crowd.tally->add(Metric::kGaps);
      skip(sequence_.next(), registered.seq, crowd);
    } else {
      sequence_.skip(sequence_.next(), registered.seq);  // it never asked for them
    }
  }
  if (same) return;
  if (registered.recovered) crowd.tally->add(Metric::kUnrecovered);
  crowd.tally->add(Metric::kLeftMissing, sequence_.missing());
  sequence_.begin(registered.seq);
}

void Viewer::skip(std::uint64_t from, std::uint64_t to, Crowd& crowd) {
  const std::uint64_t skipped = sequence_.skip(from, to);
  crowd.tally->add(Metric::kGapMessages, skipped);
  if (slow_) crowd.tally->add(Metric::kSlowSkipped, skipped);
}

void Viewer::entered(Crowd& crowd) {
  state_ = State::kWatching;
  // Where nobody says from where on it gets messages: all that are said from now on.
  if (!std::exchange(positioned_, true)) sequence_.begin(room_->progress->said());
  attempts_ = 0;
  crowd.tally->add(was_there_ ? Metric::kReconnects : Metric::kConnects);
  if (!std::exchange(was_there_, true)) crowd.want(index_, Joined{});
  send_chats(crowd);
}

// The other connection is in the room. The old one stays until it owes nothing.
void Viewer::handed_over(Crowd& crowd) {
  main_ = static_cast<std::uint8_t>(other());
  handover_ = Handover::kLeaving;
  crowd.tally->add(Metric::kRedistributed);
  crowd.want(index_, Wake{Alarm::kAnswers, kAnswersWithin});
  leave_when_answered(crowd);
}

void Viewer::leave_when_answered(Crowd& crowd) {
  if (handover_ != Handover::kLeaving || owes(other())) return;
  drop(other(), crowd);
  handover_ = Handover::kNone;
  send_chats(crowd);
}

bool Viewer::owes(unsigned index) const {
  return chats_ && std::any_of(chats_->begin(), chats_->end(),
                               [index](const Chat& chat) { return chat.link == index; });
}

void Viewer::on(const protocol::AckEvent& ack, Crowd& crowd) {
  crowd.tally->add(Metric::kAcked);
  if (ack.chat_id == room_->name) room_->progress->reached(ack.seq);
  answered(ack.id, crowd);
}

void Viewer::on(const protocol::GapEvent& gap, Crowd& crowd) {
  crowd.tally->add(Metric::kGaps);
  if (positioned_) skip(gap.from, gap.to, crowd);
}

void Viewer::on(const protocol::RedistributeEvent& order, Crowd& crowd) {
  if (handover_ != Handover::kNone && handover_ != Handover::kDue) return;
  redirect_.reset();
  if (order.redirect) redirect_ = std::make_unique<std::string>(*order.redirect);
  handover_ = Handover::kDue;
  crowd.want(index_, Wake{Alarm::kMove, std::chrono::milliseconds(order.delay_ms)});
}

void Viewer::on(unsigned index, const protocol::ErrorEvent& error, Crowd& crowd) {
  crowd.tally->add(Metric::kErrors);
  crowd.tally->problem.set(fmt::format("{}: {}", error.code, error.message));
  if (!error.id.empty()) {
    crowd.tally->add(Metric::kRefused);
    return answered(error.id, crowd);
  }
  if (link(index)->registered) return;
  crowd.want(index_, Drop{static_cast<std::uint8_t>(index)});
  lost(index, error.message, crowd);
}

// An ack or an error: either way the chat has met its fate.
void Viewer::answered(std::string_view id, Crowd& crowd) {
  const auto number = crowd.id_number(id);
  if (!number || !chats_) return;
  std::erase_if(*chats_, [number](const Chat& chat) { return chat.id == *number; });
  if (chats_->empty()) chats_.reset();
  leave_when_answered(crowd);
}

void Viewer::lost(unsigned index, std::string_view why, Crowd& crowd) {
  if (!links_[index]) return;
  links_[index].reset();
  crowd.tally->add(Metric::kFailures);
  crowd.tally->problem.set(why);
  take_back(index);
  const Handover before = std::exchange(handover_, Handover::kNone);
  if (index != main_) {
    // One that was to join is not needed: the main one goes on until it is closed.
    if (before == Handover::kDue) handover_ = before;
    return send_chats(crowd);
  }
  if (links_[other()]) {
    main_ = static_cast<std::uint8_t>(other());
    if (!link(main_)->registered) state_ = State::kJoining;
    return send_chats(crowd);
  }
  if (next_room_ != nullptr) {
    leave_room(crowd);
    room_ = std::exchange(next_room_, nullptr);
  }
  retry(crowd);
}

// Full jitter: a server that comes back must not be met by all of its viewers at once.
void Viewer::retry(Crowd& crowd) {
  state_ = State::kWaiting;
  const auto limit = std::min<Duration>(
      crowd.manners.reconnect_delay * (std::int64_t{1} << attempts_), kRetryDelayMax);
  attempts_ = std::min<std::uint8_t>(attempts_ + 1, kAttemptsCounted);
  const double delay = crowd.random.unit() * static_cast<double>(limit.count());
  crowd.want(index_, Wake{Alarm::kRetry, Duration(static_cast<Duration::rep>(delay))});
}

void Viewer::woke(Alarm alarm, Crowd& crowd) {
  if (alarm == Alarm::kRetry && state_ == State::kWaiting) return look_for_server(crowd);
  if (alarm == Alarm::kMove && handover_ == Handover::kDue) {
    handover_ = Handover::kSeeking;
    if (!redirect_) return crowd.want(index_, Seek{});
    return found(*std::exchange(redirect_, nullptr), crowd);
  }
  if (alarm == Alarm::kAnswers && handover_ == Handover::kLeaving) {
    take_back(other());
    leave_when_answered(crowd);
  }
}

void Viewer::say(TimePoint due, Crowd& crowd) {
  if (state_ == State::kAbsent || state_ == State::kGone) return;
  if (unanswered() >= kUnansweredMax) return crowd.tally->add(Metric::kUnsent);
  if (!chats_) chats_ = std::make_unique<std::vector<Chat>>();
  chats_->push_back({crowd.next_id++, 0, due, kNoLink});
  send_chats(crowd);
}

// While it moves, to another room or server, new lines wait.
void Viewer::send_chats(Crowd& crowd) {
  if (!chats_ || state_ != State::kWatching || next_room_ != nullptr ||
      handover_ == Handover::kLeaving) {
    return;
  }
  for (Chat& chat : *chats_) {
    if (chat.link == kNoLink) write(chat, crowd);
  }
  if (!crowd.manners.resume) chats_.reset();  // nobody will answer
}

void Viewer::write(Chat& chat, Crowd& crowd) {
  crowd.tally->add(chat.number == 0 ? Metric::kSent : Metric::kRepeated);
  if (chat.number == 0) chat.number = room_->progress->take_number();
  chat.link = main_;
  const std::string text =
      write_load_text({crowd.author, chat.due, chat.number}, crowd.manners.text_bytes);
  if (const Dialect* const dialect = crowd.manners.dialect) {
    const std::string message = fmt::format(R"({{"type":"chat","message":"{}"}})", text);
    return send(main_, opcode_of(*dialect),
                dialect->say(room_->name, message), crowd);
  }
  std::string message;
  const std::string id = crowd.manners.resume ? crowd.id_text(chat.id) : std::string();
  protocol::append_chat_request(message, text, id);
  send(main_, Opcode::kText, message, crowd);
}

// What went out on a connection that is lost is not known to have arrived.
void Viewer::take_back(unsigned index) {
  if (!chats_) return;
  for (Chat& chat : *chats_) {
    if (chat.link == index) chat.link = kNoLink;
  }
}

void Viewer::move_to(Room& room, Crowd& crowd) {
  if (&room == room_ && next_room_ == nullptr) return;
  next_room_ = &room;
  if (state_ == State::kWatching) return send_register(main_, crowd);
  if (links_[main_]) return;  // its register is on the way; the next one follows
  leave_room(crowd);
  room_ = std::exchange(next_room_, nullptr);
}

// It has no position any more. What it missed until now stays missed.
void Viewer::leave_room(Crowd& crowd) {
  crowd.tally->add(Metric::kLeftMissing, sequence_.missing());
  sequence_.begin(0);
  positioned_ = false;
  epoch_ = nullptr;
}

void Viewer::leave(Crowd& crowd) {
  if (state_ == State::kAbsent || state_ == State::kGone) return;
  for (unsigned index : {0U, 1U}) drop(index, crowd);
  if (next_room_ != nullptr) room_ = std::exchange(next_room_, nullptr);
  leave_room(crowd);
  chats_.reset();
  handover_ = Handover::kNone;
  was_there_ = false;
  state_ = State::kAbsent;
  crowd.tally->add(Metric::kLeft);
}

void Viewer::drop(unsigned index, Crowd& crowd) {
  if (!links_[index]) return;
  links_[index].reset();
  crowd.want(index_, Drop{static_cast<std::uint8_t>(index)});
}

void Viewer::send(unsigned index, Opcode opcode, std::string_view payload, Crowd& crowd) {
  websocket::append_masked_frame(link(index)->out, opcode, payload, crowd.mask());
}

std::string_view Viewer::out(unsigned index) const {
  return links_[index] ? std::string_view(links_[index]->out) : std::string_view();
}

void Viewer::written(unsigned index, std::size_t bytes) {
  std::string& out = link(index)->out;
  if (bytes == out.size()) {
    out = {};  // an idle viewer owns no buffer
  } else {
    out.erase(0, bytes);
  }
}

TimePoint Viewer::heard(unsigned index) const {
  return links_[index] ? links_[index]->heard : TimePoint::max();
}

std::uint64_t Viewer::missing(const Crowd& crowd) const {
  if (!positioned_) return 0;
  const std::uint64_t newest = crowd.numbered ? room_->progress->said() : room_->progress->newest();
  return sequence_.missing() + newest + 1 - std::min(sequence_.next(), newest + 1);
}

}  // namespace spillway::load
