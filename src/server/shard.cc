#include "server/shard.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/overloaded.h"
#include "net/uring_writer.h"
#include "protocol/message_line.h"
#include "protocol/server_message.h"
#include "server/input_limits.h"
#include "websocket/deflate_offer.h"

namespace spillway::server {
namespace {

constexpr std::string_view kCoalescedProtocol = "spillway.batch.v1";
constexpr std::chrono::milliseconds kTick{1000 / ViewerWheel::kTicksPerSecond};

protocol::MessageLimits message_limits(const ServerOptions& options) {
  protocol::MessageLimits limits;
  limits.message_bytes_max = options.message_bytes_max;
  limits.history_max = options.history_messages;
  return limits;
}

Flusher::Options flush_options(const ServerOptions& options) {
  Flusher::Options flush;
  flush.schedule.interval_max = options.flush_interval_max;
  flush.slow_viewer = options.slow_viewer;
  return flush;
}

std::unique_ptr<net::BatchWriter> open_writer(const ServerOptions& options, Log& log) {
  if (options.io == IoMode::kUring) {
    auto writer = net::UringWriter::create();
    if (writer) return std::move(*writer);
    log.warn("no io_uring for this loop, it writes with send", {{"why", writer.error().message}});
  }
  return std::make_unique<net::SendWriter>();
}

}  // namespace

Shard::Shard(boost::asio::io_context& context, Start start, const ServerOptions& options,
             net::ConnectionBudget& budget, const StatusBoard& status, Log& log)
    : loop_(start.index, context, options, log, std::move(start.to_hub)),
      budget_(budget),
      status_(status),
      flusher_(loop_, open_writer(options, log), flush_options(options)),
      rooms_(loop_, flusher_),
      keeper_(loop_),
      handoff_(loop_, rooms_),
      parser_(message_limits(options)),
      inflater_(15, false),
      listener_(context, std::move(start.listening), budget, log,
                [this](UniqueFd fd) { accept(std::move(fd)); }),
      meter_(context),
      timer_(context),
      chat_limit_(Gcra::Limit::of(options.rate_limit)),
      frame_limit_(frame_limit(options)),
      byte_limit_(byte_limit(options)) {
  listener_.start();
  meter_.start();
  next_tick_ = Clock::now();
  tick();
}

void Shard::accept(UniqueFd fd) {
  loop_.counters[Counter::kAccepted]++;
  Viewer& viewer = loop_.viewers.add(loop_.net, *this, std::move(fd));
  keeper_.accepted(viewer);
  viewer.connection.start();
}

bool Shard::admit(net::Connection& connection, std::size_t bytes, std::uint32_t frames) {
  if (connection.state() == net::Connection::State::kHandshake) return true;  // its own limit
  Viewer& viewer = viewer_of(connection);
  const TimePoint now = Clock::now();
  const bool within = viewer.bytes.take(byte_limit_, now, bytes) == Duration{0} &&
                      viewer.frames.take(frame_limit_, now, frames) == Duration{0};
  if (!within) loop_.close(viewer, protocol::CloseCode::kAbuse);
  return within;
}

net::UpgradeAnswer Shard::on_upgrade(net::Connection& connection,
                                     const websocket::UpgradeRequest& request) {
  const auto refuse = [this](int status, std::string message, std::string headers) {
    loop_.counters[Counter::kHandshakesRefused]++;
    return websocket::Refusal{status, std::move(message), std::move(headers)};
  };
  if (request.path != "/") {
    return refuse(404, "There is nothing here; connect to the path /.\n", {});
  }
  if (status_.draining()) {
    return refuse(503, "This server is draining; ask the balancer for another one.\n",
                  "Retry-After: 1\r\n");
  }
  net::Accepted accepted;
  const auto& offered = request.subprotocols;
  if (std::find(offered.begin(), offered.end(), kCoalescedProtocol) != offered.end()) {
    accepted.subprotocol = kCoalescedProtocol;
    viewer_of(connection).form = room::WireForm::kCoalesced;
  }
  websocket::DeflatePolicy policy;
  policy.force_no_context_takeover = true;
  policy.decline_smaller_server_window = true;
  accepted.deflate = websocket::negotiate(request.extensions, policy);
  accepted.inflater = &inflater_;
  Viewer& viewer = viewer_of(connection);
  viewer.deflates = accepted.deflate && viewer.form == room::WireForm::kCoalesced;
  accepted.reader.message_bytes_max =
      protocol::websocket_message_bytes_max(loop_.options.message_bytes_max);
  accepted.reader.allow_binary = false;
  return accepted;
}

std::string Shard::on_http(const websocket::HttpRequest& request) {
  loop_.counters[Counter::kHttpRequests]++;
  const auto respond = [&](int status, std::string_view type, std::string_view body,
                           std::string_view headers = {}) {
    std::string response =
        websocket::http_response(status, type, body, request.keep_alive, headers);
    if (request.method == "HEAD") response.resize(response.find("\r\n\r\n") + 4);
    return response;
  };
  if (request.path == "/healthz") {
    if (status_.draining()) return respond(503, "application/json", R"({"status":"draining"})");
    return respond(200, "application/json",
                   status_.redis() ? R"({"status":"ok"})" : R"({"status":"degraded"})");
  }
  if (request.path == "/metrics") {
    return respond(200, "text/plain; version=0.0.4; charset=utf-8", status_.metrics());
  }
  if (request.path == "/") {
    return respond(426, "text/plain", "This is a chat server; connect with a WebSocket.\n");
  }
  return respond(404, "text/plain", "There is nothing here; try /healthz or /metrics.\n");
}

void Shard::on_open(net::Connection& connection) {
  loop_.counters[Counter::kOpened]++;
  Viewer& viewer = viewer_of(connection);
  keeper_.opened(viewer);
  loop_.answer.begin();
  protocol::append_welcome(loop_.answer.json(), wall_now(), loop_.options.id);
  loop_.send(viewer);
}

void Shard::on_message(net::Connection& connection, websocket::Opcode /*text only*/,
                       std::span<char> payload) {
  Viewer& viewer = viewer_of(connection);
  loop_.counters[Counter::kMessagesIn]++;
  const protocol::ClientMessage message = parser_.parse({payload.data(), payload.size()});
  std::visit(overloaded{[&](const protocol::Register& request) { rooms_.enter(viewer, request); },
                        [&](const protocol::Chat& chat) { take(viewer, chat); },
                        [&](const protocol::Rejection& rejection) { take(viewer, rejection); }},
             message);
}

void Shard::take(Viewer& viewer, const protocol::Chat& chat) {
  LoopRoom* const room = LoopRooms::speaks_in(viewer);
  if (room == nullptr) {
    loop_.counters[Counter::kRejected]++;
    return loop_.send_error(viewer, protocol::ErrorCode::kNotRegistered,
                            "register in a room before you chat", chat.id);
  }
  const TimePoint now = Clock::now();
  if (const Duration wait = viewer.chats.take(chat_limit_, now); wait > Duration{0}) {
    loop_.counters[Counter::kRateLimited]++;
    const auto wait_ms = std::chrono::ceil<std::chrono::milliseconds>(wait).count();
    return loop_.send_error(viewer, protocol::ErrorCode::kRateLimited,
                            "too many messages; wait and send it again", chat.id,
                            static_cast<std::uint64_t>(wait_ms));
  }
  Publish publish{room->name, {loop_.viewers.id_of(viewer), std::string(chat.id), {}, now}};
  publish.message.line.reserve(chat.message.size() + chat.id.size() + chat.data.size() + 64);
  protocol::append_message_line(publish.message.line, chat.id, wall_now().ms, chat.message,
                                chat.data);
  if (!chat.id.empty()) ++viewer.unanswered;
  if (loop_.to_hub(std::move(publish)) != Post::kFull) return;
  loop_.counters[Counter::kMailboxFull]++;
  answer(Unavailable{{{loop_.viewers.id_of(viewer), std::string(chat.id)}}});
}

void Shard::take(Viewer& viewer, const protocol::Rejection& rejection) {
  loop_.counters[Counter::kRejected]++;
  loop_.send_error(viewer, rejection.code, rejection.message, rejection.id);
}

void Shard::on_pong(net::Connection& connection) { keeper_.pong(viewer_of(connection)); }

void Shard::on_writable(net::Connection& connection) { flusher_.catch_up(viewer_of(connection)); }

void Shard::on_closed(net::Connection& connection, std::uint16_t code) {
  loop_.counters[closed_counter(code)]++;
  Viewer& viewer = viewer_of(connection);
  rooms_.leave(viewer);
  keeper_.closing(viewer);
}

void Shard::on_released(net::Connection& connection) {
  loop_.viewers.erase(connection.tag());
  budget_.give_back();
  listener_.descriptor_freed();
  tally_if_last();
}

void Shard::handle(ToLoop&& message) {
  affinity_.check();
  std::visit(overloaded{[this](RoomSnapshot& snapshot) { rooms_.handle(std::move(snapshot)); },
                        [this](RoomBatch& batch) { rooms_.handle(batch); },
                        [this](RoomTrim& trim) { rooms_.handle(trim); },
                        [this](RoomRest& rest) { rooms_.handle(std::move(rest)); },
                        [this](Published& published) { answer(published); },
                        [this](Unavailable& unavailable) { answer(unavailable); },
                        [this](FateUnknown& unknown) { answer(unknown); },
                        [this](RoomViewers& counts) { rooms_.handle(counts); },
                        [this](LeaveOrder& order) { handoff_.begin(std::move(order)); },
                        [this](DrainOrder& order) {
                          handoff_.begin(order);
                          tally_if_last();
                        },
                        [this](StopOrder&) { stop_now(); }},
             message);
}

// The viewer that is owed one answer less now; null: gone.
Viewer* Shard::answered(const ViewerId& id) {
  Viewer* const viewer = loop_.viewers.find(id);
  if (viewer == nullptr || viewer->connection.state() != net::Connection::State::kOpen) {
    return nullptr;
  }
  if (viewer->unanswered > 0) --viewer->unanswered;
  return viewer;
}

void Shard::answer(const Published& published) {
  for (const auto& ack : published.acks) {
    Viewer* const viewer = answered(ack.viewer);
    if (viewer == nullptr) continue;
    loop_.counters[Counter::kAcks]++;
    loop_.answer.begin();
    protocol::append_ack(loop_.answer.json(), published.room, ack.id, ack.seq);
    loop_.send(*viewer);
  }
}

void Shard::answer(const Unavailable& unavailable) {
  for (const auto& message : unavailable.messages) {
    loop_.counters[Counter::kUnavailable]++;
    Viewer* const viewer =
        message.id.empty() ? loop_.viewers.find(message.viewer) : answered(message.viewer);
    if (viewer == nullptr) continue;
    loop_.send_error(*viewer, protocol::ErrorCode::kUnavailable,
                     "the message was not taken; send it again later", message.id, 1000);
  }
}

void Shard::answer(const FateUnknown& unknown) {
  for (const ViewerId& id : unknown.viewers) {
    if (Viewer* const viewer = loop_.viewers.find(id)) {
      loop_.close(*viewer, protocol::CloseCode::kFateUnknown);
    }
  }
}

void Shard::stop_now() {
  stopping_ = true;
  listener_.close();
  loop_.viewers.for_each(
      [this](Viewer& viewer) { loop_.close(viewer, protocol::CloseCode::kGoingAway); });
  tally_if_last();
}

// Whoever waits for this loop to be empty need not wait for the next second.
void Shard::tally_if_last() {
  if ((stopping_ || handoff_.draining()) && loop_.viewers.size() == 0) tally();
}

void Shard::tick() {
  const TimePoint now = Clock::now();
  keeper_.tick();
  rooms_.tick();
  handoff_.tick();
  if (loop_.wheel.now() % ViewerWheel::kTicksPerSecond == 0) tally();
  // From a fixed grid, so that ticks stay seconds; a loop that was late does not hurry after.
  next_tick_ = std::max(next_tick_ + kTick, now);
  timer_.expires_at(next_tick_);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) tick();
  });
}

void Shard::tally() {
  const auto reading = meter_.take();
  loop_.counters[Counter::kControlWrites] = loop_.net.control_writes;
  loop_.counters[Counter::kAcceptPauses] = listener_.pauses();
  Tally tally;
  tally.loop = loop_.index;
  tally.lag_ms = reading.lag_ms_mean;
  tally.busy = reading.busy;
  tally.connections = loop_.viewers.size();
  tally.last = (stopping_ || handoff_.draining()) && loop_.viewers.size() == 0;
  rooms_.tally(tally);
  loop_.viewers.for_each([&](const Viewer& viewer) {
    const bool here = viewer.connection.state() == net::Connection::State::kOpen;
    if (here && viewer.leave_tick == 0) ++tally.viewers;
  });
  for (const auto& room : rooms_.rooms()) tally.ring_bytes += room->ring_bytes();
  tally.counters = loop_.counters;
  if (loop_.to_hub(std::move(tally)) != Post::kFull) return;
  loop_.counters[Counter::kMailboxFull]++;
  for (const auto& room : rooms_.rooms()) loop_.mark_changed(*room);  // tell all of it again
}

}  // namespace spillway::server
