#include "room/flush_schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace spillway::room {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

const TimePoint kStart{seconds(1000)};
constexpr Duration kWrite = microseconds(6);

FlushSchedule::Options options() { return {}; }

TEST(FlushSchedule, FlushesAQuietRoomAtOnce) {
  FlushSchedule schedule(options());
  FlushSchedule::Room room;
  schedule.request(room, 1000, kStart);
  EXPECT_EQ(schedule.next(kStart), &room);
}

// 1,000 writes of 6 us are 6 ms, which are 0.6 of 10 ms.
TEST(FlushSchedule, ABusyRoomWaitsOutItsInterval) {
  FlushSchedule schedule(options());
  FlushSchedule::Room room;
  TimePoint now = kStart;
  for (int i = 0; i < 10; ++i) {
    schedule.request(room, 1000, now);
    now = std::max(now, *schedule.wake());
    ASSERT_EQ(schedule.next(now), &room);
    schedule.begin(room, 1000, now);
  }
  schedule.request(room, 1000, now + milliseconds(1));
  EXPECT_EQ(schedule.wake(), now + milliseconds(10));
  EXPECT_EQ(schedule.next(now + microseconds(9'999)), nullptr);
  EXPECT_EQ(schedule.next(now + milliseconds(10)), &room);
  EXPECT_EQ(schedule.wake(), std::nullopt);
}

// What comes together by chance in a quiet room does not wait, but not for long.
TEST(FlushSchedule, AQuietRoomHasThreeFlushesInStore) {
  FlushSchedule schedule(options());
  FlushSchedule::Room room;
  for (int i = 0; i < 3; ++i) {
    schedule.request(room, 1000, kStart);
    ASSERT_EQ(schedule.next(kStart), &room) << i;
    schedule.begin(room, 1000, kStart);
  }
  schedule.request(room, 1000, kStart);
  EXPECT_EQ(schedule.wake(), kStart + milliseconds(10));
}

TEST(FlushSchedule, AHugeRoomHasLittleInStore) {
  FlushSchedule schedule(options());
  FlushSchedule::Room room;
  schedule.begin(room, 10'000, kStart);
  schedule.request(room, 10'000, kStart);
  EXPECT_EQ(schedule.wake(), kStart + milliseconds(80));
}

TEST(FlushSchedule, ARoomWaitsOnceHoweverOftenItAsks) {
  FlushSchedule schedule(options());
  FlushSchedule::Room room;
  for (int i = 0; i < 3; ++i) schedule.request(room, 10, kStart);
  EXPECT_EQ(schedule.next(kStart), &room);
  schedule.begin(room, 10, kStart);
  EXPECT_EQ(schedule.next(kStart + seconds(1)), nullptr);
  schedule.request(room, 10, kStart + seconds(1));
  EXPECT_EQ(schedule.next(kStart + seconds(1)), &room);
}

TEST(FlushSchedule, TheRoomThatIsDueFirstComesFirst) {
  FlushSchedule schedule(options());
  FlushSchedule::Room large;
  FlushSchedule::Room small;
  for (int i = 0; i < 3; ++i) schedule.begin(large, 1000, kStart);
  for (int i = 0; i < 3; ++i) schedule.begin(small, 10, kStart);
  schedule.request(large, 1000, kStart);
  schedule.request(small, 10, kStart);
  EXPECT_EQ(schedule.next(kStart + milliseconds(20)), &small);
  EXPECT_EQ(schedule.next(kStart + milliseconds(20)), &large);
}

TEST(FlushSchedule, LearnsWhatAWriteCosts) {
  FlushSchedule schedule(options());
  for (int i = 0; i < 100; ++i) schedule.spent(100, 100 * microseconds(12), kStart);
  EXPECT_NEAR(to_ms(schedule.write_cost()), 0.012, 0.0001);
  EXPECT_NEAR(to_ms(schedule.own_interval(1000)), 20, 0.2);
}

TEST(FlushSchedule, CountsAnOverrunWhereTheBoundCannotHold) {
  FlushSchedule schedule(options());
  FlushSchedule::Room room;
  schedule.begin(room, 12'000, kStart);
  schedule.request(room, 12'000, kStart);  // 120 ms less 20 in store: just within
  EXPECT_EQ(schedule.overruns(), 0U);
  FlushSchedule::Room larger;
  schedule.begin(larger, 12'100, kStart);
  schedule.request(larger, 12'100, kStart);
  EXPECT_EQ(schedule.overruns(), 1U);
  ASSERT_EQ(schedule.next(kStart + seconds(1)), &room);
  ASSERT_EQ(schedule.next(kStart + seconds(1)), &larger);
  schedule.begin(larger, 12'100, kStart);
  schedule.request(larger, 12'100, kStart + seconds(1));  // was quiet for longer: nobody waits
  EXPECT_EQ(schedule.overruns(), 1U);
}

// A loop with a virtual clock: messages come at a steady rate to every room, flushes take as long
// as their writes cost, one after the other.
class Loop {
 public:
  struct Room : FlushSchedule::Room {
    std::size_t viewers = 0;
    Duration between{};  // messages
    TimePoint message_due{};
    TimePoint waiting_since{};  // the oldest message that no flush took yet
    Duration wait_max{};
    bool waiting = false;
  };

  void add(std::size_t rooms, std::size_t viewers, Duration between) {
    for (std::size_t i = 0; i < rooms; ++i) {
      Room room;
      room.viewers = viewers;
      room.between = between;
      // Spread over the first interval, as independent rooms are.
      room.message_due =
          now_ + between * static_cast<Duration::rep>(i + 1) / static_cast<Duration::rep>(rooms);
      rooms_.push_back(room);
    }
  }

  void set_between(Duration between) {
    Duration phase{0};
    for (Room& room : rooms_) {
      room.between = between;
      room.message_due = now_ + phase;
      phase += between / static_cast<Duration::rep>(rooms_.size());
    }
  }

  // Returns the share of the time that flushes took.
  double run(Duration time) {
    const TimePoint end = now_ + time;
    Duration flushing{0};
    for (Room& room : rooms_) room.wait_max = Duration{0};
    while (now_ < end) {
      for (Room& room : rooms_) take_messages(room);
      auto* const next = static_cast<Room*>(schedule_.next(now_));
      if (next == nullptr) {
        now_ += microseconds(100);
        continue;
      }
      schedule_.begin(*next, next->viewers, now_);
      const Duration cost = kWrite * static_cast<Duration::rep>(next->viewers);
      now_ += cost;
      flushing += cost;
      schedule_.spent(next->viewers, cost, now_);
      next->wait_max = std::max(next->wait_max, now_ - next->waiting_since);
      next->waiting = false;
    }
    return to_ms(flushing) / to_ms(time);
  }

  // How long a message waited at most until its flush was written, in the last run.
  double wait_max_ms(std::size_t from, std::size_t to) const {
    Duration most{0};
    for (std::size_t i = from; i < to; ++i) most = std::max(most, rooms_[i].wait_max);
    return to_ms(most);
  }

 private:
  void take_messages(Room& room) {
    while (room.message_due <= now_) {
      if (!room.waiting) {
        room.waiting = true;
        room.waiting_since = room.message_due;
      }
      room.message_due += room.between;
      schedule_.request(room, room.viewers, now_);
    }
  }

  FlushSchedule schedule_{options()};
  TimePoint now_ = kStart;
  std::vector<Room> rooms_;
};

TEST(FlushScheduleLoop, AtRestAMessageWaitsForItsOwnFlushOnly) {
  Loop loop;
  loop.add(1, 1000, milliseconds(50));
  loop.run(seconds(2));
  EXPECT_LE(loop.wait_max_ms(0, 1), 6.2);
}

TEST(FlushScheduleLoop, AtHalfOfItsShareNoRoomIsHeldBack) {
  Loop loop;
  // 100 rooms x 10 viewers x 50/s x 6 us: 0.3 of the time.
  loop.add(100, 10, milliseconds(20));
  EXPECT_NEAR(loop.run(seconds(3)), 0.3, 0.01);
  EXPECT_LE(loop.wait_max_ms(0, 100), 10);
}

TEST(FlushScheduleLoop, AtTwiceTheCapacityItTakesItsShareAndWaitsGrowButStayBounded) {
  Loop loop;
  // 1,000 rooms x 10 viewers x 33/s x 6 us: twice the time there is. One round of all of them
  // takes 60 ms, which is its share of 100 ms.
  loop.add(1000, 10, milliseconds(30));
  loop.run(seconds(2));
  EXPECT_NEAR(loop.run(seconds(3)), 0.6, 0.06);
  EXPECT_LE(loop.wait_max_ms(0, 1000), 250);
}

TEST(FlushScheduleLoop, RecoversAtOnceAfterAnOverload) {
  Loop loop;
  loop.add(1000, 10, milliseconds(30));
  loop.run(seconds(3));
  loop.set_between(seconds(1));  // 0.06 of the time
  loop.run(seconds(2));
  EXPECT_NEAR(loop.run(seconds(2)), 0.06, 0.01);
  EXPECT_LE(loop.wait_max_ms(0, 1000), 5);
}

TEST(FlushScheduleLoop, AHugeRoomDoesNotStarveSmallOnes) {
  Loop loop;
  loop.add(1, 10'000, milliseconds(5));
  loop.add(20, 10, milliseconds(50));
  loop.run(seconds(2));
  EXPECT_LE(loop.run(seconds(3)), 0.68);
  // Here a flush of the huge room is one piece of 60 ms; the flusher cuts it into slices.
  EXPECT_LE(loop.wait_max_ms(1, 21), 130);
  EXPECT_LE(loop.wait_max_ms(0, 1), 250);
}

}  // namespace
}  // namespace spillway::room
