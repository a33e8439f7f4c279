// Keeps one room's log true to Redis: subscribes, learns the epoch, reads the history, notices
// holes and fills them. A machine: what happened goes in, what is to be done comes out.
//
// Owned by the hub. Pure. Bounded: the log by its rules, live batches that arrive during a read by
// kStashBytesMax (beyond it they are dropped and read from the log instead).
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "room/batch.h"
#include "room/history_rules.h"
#include "room/resume.h"
#include "room/room_log.h"

namespace spillway::room {

// What the driver is asked to do; each is answered by the event of the same name.
struct Subscribe {};
struct Settle {};  // ask the script for the epoch, making one if there is none
struct ReadPage {  // the stream's newest entries with ids in [from, to], newest first
  std::uint64_t from = 0;
  std::uint64_t to = 0;
};
// What the loops are to be told.
struct Append {  // one more batch, already in the log
  BatchPtr batch;
};
struct Opened {  // the room is whole as of now; after an epoch change every viewer is judged anew
  bool new_epoch = false;
};
using SyncAction = std::variant<Subscribe, Settle, ReadPage, Append, Opened>;
using SyncActions = std::vector<SyncAction>;

class RoomSync {
 public:
  static constexpr std::size_t kStashBytesMax = 4 * 1024 * 1024;
  // A room rests when it has been quiet for so long, and a second more for each so many bytes: to
  // copy them, and to encode them again when somebody talks, costs it a few microseconds a second.
  static constexpr std::chrono::seconds kQuietAfter{2};
  static constexpr std::size_t kQuietBytesPerSecond = 2048;

  enum class Phase {
    kAway,  // Redis is not there
    kSubscribing,
    kSettling,
    kReading,
    kLive,
  };

  // `rules` outlive it.
  explicit RoomSync(const HistoryRules& rules) : rules_(rules) {}
  explicit RoomSync(HistoryRules&&) = delete;

  // Redis is there (at first, or again).
  void start(SyncActions& out);
  void subscribed(SyncActions& out);
  void settled(const EpochState& redis, SyncActions& out);
  // `batches` newest first. `complete`: the stream has nothing older in the range asked for.
  // `epoch`: Redis's as it was read; in another one the same seqs are other messages.
  void page(std::vector<BatchPtr> batches, bool complete, std::string_view epoch, WallTime now,
            SyncActions& out);
  void live(BatchPtr batch, WallTime now, SyncActions& out);
  // A script or a read failed: begin again from the epoch.
  void retry(SyncActions& out);
  // Somebody may know more than this server: compare with Redis. Answered by Opened.
  void recheck(SyncActions& out);
  void lost();

  void trim(WallTime now) { log_.trim(rules_, now); }
  // Where nothing has been said for a while, the log becomes one batch. False: it is not that
  // quiet, or there is too much of it.
  bool rest(WallTime now);
  // An ack is knowledge too: the script takes a Redis that fell behind it for a new epoch.
  void acked(const std::string& epoch, std::uint64_t seq);

  Phase phase() const { return phase_; }
  bool opened() const { return opened_; }  // known once; stays true through an outage
  // Whether a loop may be told what is held. Also while Redis is away, as it is better than
  // nothing, but not while a new epoch is being read, of which Redis may have more.
  bool tellable() const { return opened_ && (!from_start_ || phase_ == Phase::kAway); }
  const EpochState& state() const { return state_; }
  const RoomLog& log() const { return log_; }
  std::uint64_t seen() const { return std::max(state_.seq, acked_seq_); }
  // The oldest message held; state().seq + 1 where there is none.
  std::uint64_t first_seq() const { return log_.empty() ? state_.seq + 1 : log_.first_seq(); }
  // The id up to which the stream may be trimmed: 0 while it is not known what is in it.
  std::uint64_t trim_id() const { return phase_ == Phase::kLive && whole_ ? first_seq() : 0; }

 private:
  void settle(SyncActions& out);
  void adopt(const EpochState& redis);
  void read(SyncActions& out);
  void finish_reading(WallTime now, SyncActions& out);
  void go_live(WallTime now, SyncActions& out);
  void take(BatchPtr batch, WallTime now, SyncActions& out);
  void stash(BatchPtr batch);
  void drop_stale_stash(const std::string& epoch);

  const HistoryRules& rules_;
  Phase phase_ = Phase::kAway;
  EpochState state_;
  RoomLog log_;
  bool opened_ = false;
  bool new_epoch_ = false;       // since the last Opened
  bool whole_ = false;           // the log holds all that the stream does
  bool from_start_ = true;       // the next read is of all that the stream has
  bool resettle_ = false;        // look again when this read is done: it may miss something
  std::uint64_t acked_seq_ = 0;  // in state_.epoch
  std::uint64_t target_ = 0;     // Redis's seq when the read began
  std::vector<BatchPtr> read_;   // newest first
  std::vector<BatchPtr> stash_;  // live batches that wait for the read
  std::size_t stash_bytes_ = 0;
  std::size_t stash_before_settle_ = 0;  // that many of them came before the script was asked
};

}  // namespace spillway::room
