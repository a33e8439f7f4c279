// What each loop of a server has had of a room, and what it gets next.
//
// Owned by the hub. Pure: what is sent goes through a port.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "room/batch.h"
#include "room/resume.h"
#include "room/room_sync.h"

namespace spillway::room {

// All that is held of a room.
struct RoomSnapshot {
  std::string room;
  EpochState state;
  std::uint64_t first_seq = 1;    // of `batches`; state.seq + 1 if there are none
  std::vector<BatchPtr> batches;  // contiguous, up to state.seq
  std::uint64_t answers = 0;      // the loop's questions up to this one; see RoomFeed::recheck()
  std::uint64_t viewers = 0;      // on all servers, as last heard
};
// One more batch.
struct RoomBatch {
  std::string room;
  BatchPtr batch;
  std::uint64_t keep_from = 0;  // what is older may be forgotten
};
// The room is quiet, and the loop has had all of it: it needs no copy of its own.
struct RoomRest {
  std::string room;
  BatchPtr log;  // all that is held; null: nothing
};

// The way to the loops. False: the loop's mailbox is full, nothing was taken.
class FeedPort {
 public:
  virtual ~FeedPort() = default;
  virtual bool post(std::uint32_t loop, RoomSnapshot&& snapshot) = 0;
  virtual bool post(std::uint32_t loop, RoomBatch&& batch) = 0;
  virtual bool post(std::uint32_t loop, RoomRest&& rest) = 0;
  // The loop lacks something: call bring_up() soon.
  virtual void behind(std::uint32_t loop) = 0;
};

class RoomFeed {
 public:
  // `room` outlives it.
  RoomFeed(std::string_view room, std::size_t loops) : room_(room), loops_(loops) {}

  void want(std::uint32_t loop, const RoomSync& sync, FeedPort& port);
  void release(std::uint32_t loop) { loops_[loop] = {}; }
  bool wanted() const;
  bool wants(std::uint32_t loop) const { return loops_[loop].wants; }
  bool open(std::uint32_t loop) const { return loops_[loop].open; }

  // A viewer of the loop may know more than this server. The loop numbers its questions upwards,
  // over all rooms: an answer may be on its way to it when it asks the next one. True: call
  // sync.recheck(); false: what is under way has to be answered first.
  [[nodiscard]] bool recheck(std::uint32_t loop, std::uint64_t question, const RoomSync& sync);

  // RoomSync's Append and Opened. True: call sync.recheck() once more.
  void append(const BatchPtr& batch, const RoomSync& sync, FeedPort& port);
  [[nodiscard]] bool opened(bool new_epoch, const RoomSync& sync, FeedPort& port);

  // RoomSync::rest() was true: tells the loops that have not been told since they last stirred.
  void rest(const RoomSync& sync, FeedPort& port);
  // A viewer of the loop came, went or got something, for which it may have made its copy again.
  void stirred(std::uint32_t loop) { loops_[loop].rests = false; }

  // A loop whose mailbox was full gets what it lacks: from the log, or all of it.
  void bring_up(std::uint32_t loop, const RoomSync& sync, FeedPort& port);

 private:
  struct Loop {
    bool wants = false;
    bool open = false;       // has had a snapshot
    bool behind = false;     // its mailbox was full: it gets what is missing from the log
    bool rests = false;      // was told that the room is quiet
    std::uint64_t sent = 0;  // up to this seq
    // The newest question of each kind, 0: none.
    std::uint64_t waiting = 0;   // what Redis is answering now may have been asked before
    std::uint64_t put = 0;       // the next Opened answers it
    std::uint64_t answered = 0;  // the next snapshot says so
  };

  bool answer_rechecks(const RoomSync& sync);
  void send_snapshot(std::uint32_t loop, const RoomSync& sync, FeedPort& port);
  void send_batch(std::uint32_t loop, const BatchPtr& batch, const RoomSync& sync, FeedPort& port);
  void fell_behind(std::uint32_t loop, FeedPort& port);

  const std::string_view room_;
  std::vector<Loop> loops_;
};

}  // namespace spillway::room
