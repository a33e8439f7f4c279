// The hub's side of the rooms' sync machines: asks Redis what a machine wants to know, and hands
// what it makes of the answers to the loops.
#include <utility>

#include "base/overloaded.h"
#include "protocol/batch.h"
#include "server/hub_feed.h"
#include "server/scripts.h"
#include "server/settle_args.h"

namespace spillway::server {
namespace {

constexpr std::chrono::milliseconds kQuestionRetry{250};
constexpr std::size_t kReadBytes = 1024 * 1024;

}  // namespace

void Hub::run(HubRoom& room, room::SyncActions actions) {
  while (!actions.empty()) {
    room::SyncActions more;
    for (const room::SyncAction& action : actions) perform(room, action, more);
    actions = std::move(more);
  }
  work_queues();
}

void Hub::perform(HubRoom& room, const room::SyncAction& action, room::SyncActions& more) {
  std::visit(overloaded{[&](const room::Subscribe&) {
                          if (room.confirmed) {
                            room.sync.subscribed(more);
                          } else {
                            link_.subscriber().subscribe(names_.room_channel(room.name));
                          }
                        },
                        [&](const room::Settle&) {
                          to_settle_.push({room.name, room.round, {}});
                        },
                        [&](const room::ReadPage& page) {
                          to_read_.push({room.name, room.round, page});
                        },
                        [&](const room::Append& append) {
                          metrics_.fanned_out += append.batch->count;
                          Feed feed(*this, room);
                          room.feed.append(append.batch, room.sync, feed);
                        },
                        [&](const room::Opened& event) { opened(room, event.new_epoch, more); }},
             action);
}

// Asks Redis as much as may be under way at once.
void Hub::work_queues() {
  while (link_.ready() && settling_ < kSettlesMax && !to_settle_.empty()) {
    const Question question = to_settle_.pop();
    settle(question.room, question.round);
  }
  while (link_.ready() && reading_ < kReadsMax && !to_read_.empty()) {
    const Question question = to_read_.pop();
    read(question.room, question.round, question.page);
  }
}

void Hub::settle(const std::string& name, std::uint64_t round) {
  HubRoom* const room = find(name);
  if (room == nullptr || room->round != round) return;
  ++settling_;
  const auto sent = settle_.eval(link_.commands(), {names_.room_meta(name), names_.room_log(name)},
                                 settle_args(link_.run_id(), room->sync, random_),
                                 [this, name, round](const redis::Answer& answer) {
                                   --settling_;
                                   HubRoom* const asked = find(name);
                                   if (asked != nullptr && asked->round == round)
                                     settled(*asked, answer);
                                   work_queues();
                                 });
  if (sent == redis::Client::Sent::kQueued) return;
  --settling_;
  retry_later(name, round);
}

void Hub::settled(HubRoom& room, const redis::Answer& answer) {
  const auto seq = answer.reply[1].integer();
  const std::string epoch(answer.reply[0].text());
  const bool sound = seq && *seq >= 0 && static_cast<std::uint64_t>(*seq) <= protocol::kSeqMax &&
                     protocol::is_epoch(epoch);
  if (answer.fate != redis::Fate::kAnswered || !sound) {
    refusals_.note("settle", names_.room_meta(room.name), answer);
    retry_later(room.name, room.round);
    return;
  }
  room::EpochState state{epoch, static_cast<std::uint64_t>(*seq),
                         std::string(answer.reply[2].text()),
                         static_cast<std::uint64_t>(answer.reply[3].integer().value_or(0))};
  room::SyncActions actions;
  room.sync.settled(state, actions);
  run(room, std::move(actions));
}

void Hub::read(const std::string& name, std::uint64_t round, const room::ReadPage& page) {
  HubRoom* const room = find(name);
  if (room == nullptr || room->round != round) return;
  ++reading_;
  const auto sent =
      read_.eval(link_.reader(), {names_.room_log(name), names_.room_meta(name)},
                 {std::to_string(page.from), std::to_string(page.to), std::to_string(kReadBytes)},
                 [this, name, round](const redis::Answer& answer) {
                   --reading_;
                   HubRoom* const asked = find(name);
                   if (asked != nullptr && asked->round == round) was_read(*asked, answer);
                   work_queues();
                 });
  if (sent == redis::Client::Sent::kQueued) return;
  --reading_;
  retry_later(name, round);
}

void Hub::was_read(HubRoom& room, const redis::Answer& answer) {
  if (answer.fate != redis::Fate::kAnswered || !answer.reply.is_array()) {
    refusals_.note("read", names_.room_log(room.name), answer);
    retry_later(room.name, room.round);
    return;
  }
  const WallTime now = wall_now();
  const redis::ReplyView entries = answer.reply[1];
  std::vector<room::BatchPtr> batches;
  batches.reserve(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto parsed = protocol::parse_batch(entries[i].text());
    const auto* const view = std::get_if<protocol::BatchView>(&parsed);
    if (view != nullptr && lines_.are_messages(*view)) {
      batches.push_back(room::make_batch(*view, now));
    } else {
      ++metrics_.bus_malformed;  // a hole, which the machine sees by the seqs
    }
  }
  room::SyncActions actions;
  room.sync.page(std::move(batches), answer.reply[0].integer() == 1, answer.reply[2].text(), now,
                 actions);
  run(room, std::move(actions));
}

// Redis said no, or its queue was full. When it is away, redis_ready_again() begins anew instead.
void Hub::retry_later(const std::string& name, std::uint64_t round) {
  retries_.push({Clock::now() + kQuestionRetry, name, round});
}

void Hub::opened(HubRoom& room, bool new_epoch, room::SyncActions& more) {
  if (new_epoch) ++metrics_.epochs_begun;
  Feed feed(*this, room);
  if (room.feed.opened(new_epoch, room.sync, feed)) room.sync.recheck(more);
  publisher_.opened(room);
}

}  // namespace spillway::server
