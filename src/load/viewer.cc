#include "load/viewer.h"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "base/overloaded.h"
#include "load/due_text.h"
#include "protocol/client_writer.h"

namespace spillway::load {
namespace {

using Verdict = Sequence::Verdict;

constexpr websocket::ReaderOptions kReaderOptions{
    .role = websocket::ReaderOptions::Role::kClient,
    .deflate = false,
    .message_bytes_max = Viewer::kMessageBytesMax,
    .allow_binary = false,
};

websocket::ClientRequest request_to(const std::string& host) {
  websocket::ClientRequest request;
  request.host = host;
  request.key = websocket::random_key();
  return request;
}

}  // namespace

Viewer::Viewer(Room& room, const std::string& host) : room_(&room), reader_(kReaderOptions) {
  websocket::ClientRequest request = request_to(host);
  out_ = websocket::client_request(request);
  handshake_ = std::make_unique<websocket::ClientHandshake>(std::move(request));
}

void Viewer::receive(std::span<char> input, TimePoint now, Crowd& crowd) {
  if (handshake_) finish_handshake(input, crowd);
  while (state_ == State::kRegistering || state_ == State::kWatching) {
    if (state_ == State::kWatching && reader_.idle()) {
      input = input.subspan(follow_transcript({input.data(), input.size()}, now, crowd));
    }
    const websocket::Event event = reader_.next(input, nullptr);
    if (std::holds_alternative<websocket::NeedMore>(event)) return;
    std::visit(overloaded{
                   [](websocket::NeedMore) {},
                   [](const websocket::Pong&) {},
                   [&](const websocket::Message& message) {
                     read_message({message.payload.data(), message.payload.size()}, now, crowd);
                   },
                   [&](const websocket::Ping& ping) {
                     const std::string_view payload(ping.payload.data(), ping.payload.size());
                     send(websocket::Opcode::kPong, payload, crowd);
                   },
                   [&](const websocket::Close& close) {
                     end(fmt::format("closed with {} {}", close.code, close.reason), crowd);
                   },
                   [&](const websocket::Failure& failure) { end(failure.reason, crowd); },
               },
               event);
  }
}

void Viewer::finish_handshake(std::span<char>& input, Crowd& crowd) {
  std::size_t consumed = 0;
  const auto outcome = handshake_->feed(input, consumed);
  input = input.subspan(consumed);
  if (const auto* error = std::get_if<Error>(&outcome)) return end(error->message, crowd);
  if (std::holds_alternative<websocket::NeedMore>(outcome)) return;
  handshake_.reset();
  state_ = State::kRegistering;
  std::string text;
  protocol::append_register(text, room_->name);
  send(websocket::Opcode::kText, text, crowd);
}

// Takes as many whole frames off the front of `input` as are known to be the next ones.
std::size_t Viewer::follow_transcript(std::string_view input, TimePoint now, Crowd& crowd) {
  std::size_t taken = 0;
  while (const Transcript::Entry* entry = room_->transcript.find(sequence_.next())) {
    if (!input.substr(taken).starts_with(entry->frame)) break;
    taken += entry->frame.size();
    sequence_.advance();
    crowd.tally.delivered(entry->due, now);
  }
  return taken;
}

void Viewer::read_message(std::string_view text, TimePoint now, Crowd& crowd) {
  using namespace protocol;
  const bool valid = crowd.parser.parse(text, [&](const ServerEvent& event) {
    std::visit(overloaded{
                   [&](const ChatEvent& chat) { on(chat, text, now, crowd); },
                   [&](const RegisteredEvent& registered) { on(registered); },
                   [&](const AckEvent& ack) { on(ack, crowd); },
                   [&](const GapEvent& gap) { on(gap, crowd); },
                   [&](const RedistributeEvent&) { ++crowd.tally.redistributed; },
                   [&](const ErrorEvent& error) {
                     ++crowd.tally.errors;
                     crowd.tally.problem(fmt::format("{}: {}", error.code, error.message));
                   },
                   [](const WelcomeEvent&) {},
                   [](const ViewersEvent&) {},
                   [](const UnknownEvent&) {},
               },
               event);
  });
  if (!valid) end("a message that is no JSON object", crowd);
}

void Viewer::on(const protocol::ChatEvent& chat, std::string_view text, TimePoint now,
                Crowd& crowd) {
  if (!chat.seq) return end("a chat message without seq", crowd);
  const std::optional<TimePoint> due = due_of(chat.message);
  switch (sequence_.saw(*chat.seq)) {
    case Verdict::kRepeat:
      ++crowd.tally.duplicates;
      return;
    case Verdict::kLate:
      ++crowd.tally.out_of_order;
      break;
    case Verdict::kNext:
    case Verdict::kAfterHole:
      break;
  }
  crowd.tally.delivered(due, now);
  room_->reached(*chat.seq);
  room_->transcript.add(*chat.seq, due, text);
}

void Viewer::on(const protocol::RegisteredEvent& registered) {
  sequence_.begin(registered.seq);
  room_->reached(registered.seq);
  state_ = State::kWatching;
}

void Viewer::on(const protocol::AckEvent& ack, Crowd& crowd) {
  ++crowd.tally.acked;
  room_->reached(ack.seq);
}

void Viewer::on(const protocol::GapEvent& gap, Crowd& crowd) {
  ++crowd.tally.gaps;
  crowd.tally.gap_messages += sequence_.skip(gap.from, gap.to);
}

void Viewer::say(std::string_view text, std::string_view id, Crowd& crowd) {
  std::string message;
  protocol::append_chat_request(message, text, id);
  send(websocket::Opcode::kText, message, crowd);
}

void Viewer::send(websocket::Opcode opcode, std::string_view payload, Crowd& crowd) {
  websocket::append_masked_frame(out_, opcode, payload, crowd.mask());
}

void Viewer::end(std::string_view why, Crowd& crowd) {
  if (state_ == State::kGone) return;
  state_ = State::kGone;
  ++crowd.tally.closed;
  crowd.tally.problem(std::string(why));
}

void Viewer::written(std::size_t bytes) {
  if (bytes == out_.size()) {
    out_ = {};  // an idle viewer owns no buffer
  } else {
    out_.erase(0, bytes);
  }
}

std::uint64_t Viewer::missing() const {
  const std::uint64_t behind = room_->newest + 1 - std::min(sequence_.next(), room_->newest + 1);
  return sequence_.missing() + (state_ < State::kWatching ? 0 : behind);
}

}  // namespace spillway::load
