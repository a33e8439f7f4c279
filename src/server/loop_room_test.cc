#include "server/loop_room.h"

#include <gtest/gtest.h>

namespace spillway::server {
namespace {

RoomSnapshot snapshot_at(std::uint64_t seq) {
  RoomSnapshot snapshot;
  snapshot.room = "lobby";
  snapshot.state.epoch = "e";
  snapshot.state.seq = seq;
  snapshot.first_seq = seq + 1;
  return snapshot;
}

// A register that waited for the room to open begins where it opened, not where it is by then.
TEST(LoopRoom, RemembersWhereItWasOpened) {
  LoopRoom room("lobby");
  room.load(snapshot_at(7));
  EXPECT_EQ(room.opened_seq, 7U);
  room.load(snapshot_at(9));
  EXPECT_EQ(room.state.seq, 9U);
  EXPECT_EQ(room.opened_seq, 7U);
}

}  // namespace
}  // namespace spillway::server
