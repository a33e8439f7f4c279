#include "base/mailbox.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace spillway {
namespace {

TEST(Mailbox, WakesOnTheFirstOfABurstOnly) {
  Mailbox<int> box(3);
  EXPECT_EQ(box.post(1), Post::kAcceptedWake);
  EXPECT_EQ(box.post(2), Post::kAccepted);
  std::vector<int> batch;
  box.drain(batch);
  EXPECT_EQ(batch, (std::vector<int>{1, 2}));
  EXPECT_EQ(box.post(3), Post::kAcceptedWake);
}

TEST(Mailbox, RefusesBeyondItsBound) {
  Mailbox<int> box(2);
  EXPECT_EQ(box.post(1), Post::kAcceptedWake);
  EXPECT_EQ(box.post(2), Post::kAccepted);
  EXPECT_EQ(box.post(3), Post::kFull);
  std::vector<int> batch;
  box.drain(batch);
  EXPECT_EQ(batch.size(), 2U);
}

TEST(Mailbox, KeepsTheOrderOfEachSenderAcrossThreads) {
  constexpr int kPerSender = 20'000;
  Mailbox<std::pair<int, int>> box(1000);
  std::atomic<int> running = 2;
  const auto send = [&](int sender) {
    for (int i = 0; i < kPerSender; ++i) {
      while (box.post({sender, i}) == Post::kFull) std::this_thread::yield();
    }
    --running;
  };
  std::jthread first(send, 0);
  std::jthread second(send, 1);

  int next[2] = {0, 0};
  std::vector<std::pair<int, int>> batch;
  for (bool done = false; !done;) {
    done = running == 0;  // read before the drain: nothing can come after it
    box.drain(batch);
    for (const auto& [sender, value] : batch) ASSERT_EQ(value, next[sender]++);
  }
  EXPECT_EQ(next[0], kPerSender);
  EXPECT_EQ(next[1], kPerSender);
}

}  // namespace
}  // namespace spillway
