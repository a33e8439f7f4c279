#include "server/publisher.h"

#include <algorithm>
#include <utility>

#include "protocol/batch.h"
#include "server/scripts.h"
#include "server/settle_args.h"

namespace spillway::server {
namespace {

// Redis said no (out of memory, loading, read-only): the batch is offered again.
constexpr std::chrono::milliseconds kRefusedRetry{200};
// How long Redis keeps a room need not be renewed, nor its log be cut, with each batch: together
// that is a quarter of what a message alone costs Redis.
constexpr std::chrono::minutes kRenewEvery{1};
constexpr int kRenewPerTtl = 60;
constexpr std::uint32_t kCutPart = 16;  // of --history-messages
constexpr std::size_t kMessageOverhead = sizeof(room::Outgoing);

std::size_t cost(const room::Outgoing& message) {
  return message.line.size() + message.id.size() + kMessageOverhead;
}

std::chrono::milliseconds renew_every(std::chrono::microseconds history_ttl) {
  return std::chrono::ceil<std::chrono::milliseconds>(
      std::min<std::chrono::microseconds>(kRenewEvery, history_ttl / kRenewPerTtl));
}

}  // namespace

Publisher::Publisher(boost::asio::io_context& context, RedisLink& link,
                     const ServerOptions& options, const protocol::RedisNames& names, Ports ports,
                     Refusals& refusals)
    : link_(link),
      options_(options),
      names_(names),
      ports_(std::move(ports)),
      refusals_(refusals),
      script_(publish_script()),
      timer_(context) {}

void Publisher::add(HubRoom& room, room::Outgoing message) {
  if (bytes_ + cost(message) > kQueueBytesMax) {
    std::vector<room::Outgoing> refused;
    refused.push_back(std::move(message));
    give_back(std::move(refused));
    return;
  }
  bytes_ += cost(message);
  ++messages_;
  room.commit.add(std::move(message));
  if (!std::exchange(room.active, true)) active_.push_back(room.name);
  pump(room);
}

void Publisher::resume() {
  for (const std::string& name : active_) {
    if (HubRoom* const room = ports_.find(name)) pump(*room);
  }
}

// Sends what may go now.
void Publisher::pump(HubRoom& room) {
  // Before the room is known, a viewer that registered ahead of its message could not be given the
  // position before it.
  if (!link_.ready() || !room.sync.opened()) return;
  if (const auto* flight = room.commit.in_flight()) {
    if (!flight->sending) send(room);
    return;
  }
  const auto due = room.commit.due();
  if (!due) return;
  const TimePoint now = Clock::now();
  if (*due > now) {
    wait_until(*due, room);
    return;
  }
  auto& flight = room.commit.begin(numbers_.take(), now);
  if (now >= room.renew_at) {
    flight.renews = true;
    room.renew_at = now + renew_every(options_.history_ttl);
  }
  send(room);
}

void Publisher::wait_until(TimePoint due, const HubRoom& room) {
  const bool sooner = turns_.empty() || due < turns_.top().due;
  turns_.push({due, room.name});
  if (sooner) arm();
}

void Publisher::arm() {
  if (turns_.empty()) return;
  timer_.expires_at(turns_.top().due);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    const TimePoint now = Clock::now();
    while (!turns_.empty() && turns_.top().due <= now) {
      const std::string name = turns_.top().room;
      turns_.pop();
      if (HubRoom* const room = ports_.find(name)) pump(*room);
    }
    arm();
  });
}

// With the header that it will have, where nobody else is likely to speak meanwhile: to correct it
// costs Redis more than to be given none.
std::string Publisher::batch_of(const HubRoom& room, const room::OutgoingBatch& flight) const {
  std::string batch;
  if (room.alone) {
    protocol::append_batch_header(
        batch, {room.sync.state().epoch, flight.expected,
                static_cast<std::uint32_t>(flight.messages.size()), options_.id, flight.number});
  }
  std::size_t bytes = batch.size();
  for (const room::Outgoing& message : flight.messages) bytes += message.line.size() + 1;
  batch.reserve(bytes);
  for (const room::Outgoing& message : flight.messages) {
    if (&message != &flight.messages.front()) batch += '\n';
    batch += message.line;
  }
  return batch;
}

// The first id to keep in the room's log, 0 while there is too little before it. A large log is cut
// each time.
std::uint64_t Publisher::cut_before(HubRoom& room) const {
  const std::uint64_t id = room.sync.trim_id();
  const bool large = room.sync.log().bytes() > options_.history_bytes_max / 2;
  const std::uint64_t step = large ? 1U : std::max(options_.history_messages / kCutPart, 1U);
  // The seq may have begun anew.
  if (id >= room.cut_at && id - room.cut_at < step) return 0;
  room.cut_at = id;
  return id;
}

void Publisher::send(HubRoom& room) {
  auto& flight = *room.commit.in_flight();
  flight.expected = room.sync.seen() + 1;
  std::vector<std::string> args = settle_args(link_.run_id(), room.sync, random_);
  args.push_back(names_.room_channel(room.name));
  args.push_back(options_.id);
  args.push_back(std::to_string(flight.number));
  args.push_back(std::to_string(flight.messages.size()));
  args.push_back(std::to_string(cut_before(room)));
  // The log's last message may be said just before the next renewal.
  args.push_back(std::to_string(std::chrono::ceil<std::chrono::milliseconds>(
                                    options_.history_ttl + renew_every(options_.history_ttl))
                                    .count()));
  args.emplace_back(flight.renews ? "1" : "0");
  args.push_back(batch_of(room, flight));
  flight.sending = true;
  const auto sent = script_.eval(
      link_.commands(), {names_.room_meta(room.name), names_.room_log(room.name)}, std::move(args),
      [this, name = room.name, number = flight.number](const redis::Answer& answer) {
        HubRoom* const answered_room = ports_.find(name);
        if (answered_room == nullptr) return;
        const auto* in_flight = answered_room->commit.in_flight();
        if (in_flight != nullptr && in_flight->number == number) answered(*answered_room, answer);
      });
  if (sent == redis::Client::Sent::kQueued) return;
  flight.sending = false;
  // Away: resume() comes. Full: the queue of commands drains by itself.
  if (sent == redis::Client::Sent::kFull) wait_until(Clock::now() + kRefusedRetry, room);
}

void Publisher::answered(HubRoom& room, const redis::Answer& answer) {
  auto& flight = *room.commit.in_flight();
  flight.sending = false;
  if (answer.fate == redis::Fate::kUnknown) flight.handed = true;
  if (answer.fate != redis::Fate::kAnswered) {
    pump(room);  // if Redis is there again already; else resume() comes
    return;
  }
  const auto first = answer.reply[1].integer();
  if (answer.reply.is_error() || !first || *first <= 0) {
    refusals_.note("publish", names_.room_meta(room.name), answer);
    wait_until(Clock::now() + kRefusedRetry, room);
    return;
  }
  finished(room, answer.reply[0].text(), static_cast<std::uint64_t>(*first));
}

void Publisher::finished(HubRoom& room, std::string_view epoch, std::uint64_t first_seq) {
  const auto& flight = *room.commit.in_flight();
  room.alone = first_seq == flight.expected;
  const std::vector<room::Outgoing> messages = room.commit.finish();
  room.sync.acked(std::string(epoch), first_seq + messages.size() - 1);
  counters_[Counter::kPublished] += messages.size();
  ports_.on_published(room.name, messages.size());
  std::vector<Published> answers(ports_.to_loops.size());
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const room::Outgoing& message = messages[i];
    if (message.id.empty()) continue;
    answers[message.viewer.loop].acks.push_back({message.viewer, message.id, first_seq + i});
  }
  for (std::size_t loop = 0; loop < answers.size(); ++loop) {
    if (answers[loop].acks.empty()) continue;
    answers[loop].room = room.name;
    // Full: those clients are not told, and repeat after they reconnect; ids make that visible.
    if (ports_.to_loops[loop](std::move(answers[loop])) == Post::kFull) {
      counters_[Counter::kMailboxFull]++;
    }
  }
  forget(messages);
  pump(room);
}

void Publisher::sweep() {
  const TimePoint now = Clock::now();
  std::vector<std::string> still;
  for (std::string& name : std::exchange(active_, {})) {
    HubRoom* const room = ports_.find(name);
    if (room == nullptr) continue;
    auto expired = room->commit.take_expired(now - kUnavailableAfter);
    forget(expired);
    give_back(std::move(expired));
    fate_unknown(*room, now - kFateUnknownAfter);
    room->active = !room->commit.idle();
    if (room->active) {
      still.push_back(std::move(name));
    } else {
      ports_.on_idle(*room);
    }
  }
  // Giving back may have brought new messages in.
  still.insert(still.end(), std::make_move_iterator(active_.begin()),
               std::make_move_iterator(active_.end()));
  active_ = std::move(still);
}

// The batch is still repeated, but its clients have waited long enough.
void Publisher::fate_unknown(HubRoom& room, TimePoint limit) {
  std::vector<FateUnknown> lost(ports_.to_loops.size());
  for (const auto& waiter : room.commit.take_unanswered(limit)) {
    lost[waiter.viewer.loop].viewers.push_back(waiter.viewer);
    bytes_ -= waiter.id.size();
  }
  for (std::size_t loop = 0; loop < lost.size(); ++loop) {
    if (lost[loop].viewers.empty()) continue;
    if (ports_.to_loops[loop](std::move(lost[loop])) == Post::kFull) {
      counters_[Counter::kMailboxFull]++;
    }
  }
}

void Publisher::give_back(std::vector<room::Outgoing> messages) {
  std::vector<Unavailable> refused(ports_.to_loops.size());
  for (room::Outgoing& message : messages) {
    refused[message.viewer.loop].messages.push_back({message.viewer, std::move(message.id)});
  }
  for (std::size_t loop = 0; loop < refused.size(); ++loop) {
    if (refused[loop].messages.empty()) continue;
    if (ports_.to_loops[loop](std::move(refused[loop])) == Post::kFull) {
      counters_[Counter::kMailboxFull]++;
    }
  }
}

void Publisher::forget(const std::vector<room::Outgoing>& messages) {
  messages_ -= messages.size();
  for (const room::Outgoing& message : messages) bytes_ -= cost(message);
}

}  // namespace spillway::server
