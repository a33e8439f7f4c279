#include "room/flush_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <climits>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"
#include "room/test_batches.h"
#include "room/test_reader.h"

namespace spillway::room {
namespace {

std::string all_bytes(FlushPlan& plan) {
  std::string all;
  for (const iovec& piece : plan.pieces()) {
    all.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
  }
  return all;
}

std::string frame(std::string_view text) {
  std::string bytes;
  websocket::append_frame(bytes, websocket::Opcode::kText, text);
  return bytes;
}

// A ring with messages [first, next) of mixed sizes; `at` says the size of each.
struct Room {
  Room(WireForm form, std::uint64_t seed, std::uint64_t messages, std::size_t bytes_max)
      : ring(form), random(seed) {
    for (std::uint64_t seq = 1; seq <= messages; ++seq) append(30 + random.below(bytes_max - 30));
  }
  void append(std::size_t bytes) {
    lines.push_back(test_line(ring.next_seq(), bytes));
    ring.append(lines.back());
  }
  std::string chat(std::uint64_t seq) const { return test_chat(seq, lines[seq - 1]); }

  Ring ring;
  Random random;
  std::vector<std::string> lines;
};

// The chat messages of [from, to) as they come, however they are grouped.
void expect_messages(const Room& room, WireForm form, std::uint64_t from, std::uint64_t to,
                     std::vector<std::string> got) {
  if (form == WireForm::kPlain) {
    ASSERT_EQ(got.size(), to - from);
    for (std::uint64_t seq = from; seq < to; ++seq) ASSERT_EQ(got[seq - from], room.chat(seq));
    return;
  }
  std::uint64_t seq = from;
  for (const std::string& array : got) {
    std::string expected = "[" + room.chat(seq++);
    while (expected.size() + 1 < array.size()) expected += "," + room.chat(seq++);
    ASSERT_EQ(array, expected + "]");
    ASSERT_TRUE(array.size() <= kArrayBytesMax || array == "[" + room.chat(seq - 1) + "]");
  }
  ASSERT_EQ(seq, to);
}

// A viewer whose socket takes `written` bytes of the plan, and then everything: what it got.
std::string after_a_short_write(const Ring& ring, WireForm form, FlushPlan& plan,
                                std::size_t written) {
  std::string got = all_bytes(plan).substr(0, written);
  const FlushPlan::Cut cut = plan.cut(ring, written);
  plan.copy(written, cut.rest, got);
  FlushPlan rest;
  rest.build(ring, form, cut.next, plan.to(), {});
  return got + all_bytes(rest);
}

class FlushPlanOfEitherForm : public ::testing::TestWithParam<WireForm> {};

INSTANTIATE_TEST_SUITE_P(Forms, FlushPlanOfEitherForm,
                         ::testing::Values(WireForm::kPlain, WireForm::kCoalesced),
                         [](const auto& form) {
                           return form.param == WireForm::kPlain ? "Plain" : "Coalesced";
                         });

TEST_P(FlushPlanOfEitherForm, CarriesExactlyTheMessagesAskedForInOrder) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    Room room(GetParam(), seed, 120, 600);
    room.ring.drop_before(30);
    for (std::uint64_t seq = 121; seq <= 150; ++seq) room.append(30 + room.random.below(600));
    const std::uint64_t from = 30 + room.random.below(121);
    const std::uint64_t to = from + room.random.below(151 - from + 1);
    FlushPlan plan;
    plan.build(room.ring, GetParam(), from, to, {});
    EXPECT_EQ(plan.from(), from);
    EXPECT_EQ(plan.to(), to);
    EXPECT_EQ(plan.messages(), to - from);
    EXPECT_EQ(plan.empty(), from == to);
    EXPECT_EQ(plan.bytes(), all_bytes(plan).size());
    expect_messages(room, GetParam(), from, to, received(all_bytes(plan)));
  }
}

TEST_P(FlushPlanOfEitherForm, PutsThePrefixInFront) {
  Room room(GetParam(), 3, 5, 100);
  const std::string prefix = frame(R"({"type":"viewers"})");
  FlushPlan plan;
  plan.build(room.ring, GetParam(), 2, 6, prefix);
  auto got = received(all_bytes(plan));
  ASSERT_FALSE(got.empty());
  EXPECT_EQ(got.front(), R"({"type":"viewers"})");
  got.erase(got.begin());
  expect_messages(room, GetParam(), 2, 6, got);
}

TEST_P(FlushPlanOfEitherForm, IsThePrefixAloneWhereThereIsNoMessage) {
  Room room(GetParam(), 3, 5, 100);
  const std::string prefix = frame("alone");
  FlushPlan plan;
  plan.build(room.ring, GetParam(), 6, 6, prefix);
  EXPECT_EQ(all_bytes(plan), prefix);
  EXPECT_EQ(plan.to(), 6U);
  for (std::size_t written = 0; written < plan.bytes(); ++written) {
    const auto cut = plan.cut(room.ring, written);
    EXPECT_EQ(cut.next, 6U);
    EXPECT_EQ(cut.rest, written == 0 ? 0 : prefix.size() - written);
  }
}

TEST_P(FlushPlanOfEitherForm, IsEmptyWithoutPrefixAndMessages) {
  Room room(GetParam(), 3, 5, 100);
  FlushPlan plan;
  plan.build(room.ring, GetParam(), 3, 5, {});
  plan.build(room.ring, GetParam(), 4, 4, {});
  EXPECT_TRUE(plan.empty());
  EXPECT_EQ(plan.bytes(), 0U);
}

TEST_P(FlushPlanOfEitherForm, LosesAndRepeatsNothingWhereverTheKernelStops) {
  // Small messages around the wrap of a 512 byte ring; then arrays, and messages beyond them.
  struct Case {
    std::uint64_t messages;
    std::size_t bytes_max;
    std::uint64_t dropped;
    std::size_t last_bytes;
  };
  for (const Case& c : {Case{8, 60, 3, 60}, Case{9, 90, 5, 44}, Case{40, 200, 10, 130},
                        Case{7, 9000, 2, 17'000}, Case{3, 60, 0, 66'000}}) {
    SCOPED_TRACE(c.messages);
    Room room(GetParam(), c.messages, c.messages, c.bytes_max);
    for (std::uint64_t i = 0; i < c.dropped; ++i) {
      room.ring.drop_before(room.ring.first_seq() + 1);
      room.append(i + 1 == c.dropped ? c.last_bytes : 31 + room.random.below(c.bytes_max));
    }
    if (c.dropped == 0) room.append(c.last_bytes);
    const std::uint64_t from = room.ring.first_seq();
    const std::uint64_t to = room.ring.next_seq();
    for (const std::string& prefix : {std::string(), frame("so many viewers")}) {
      FlushPlan plan;
      plan.build(room.ring, GetParam(), from, to, prefix);
      ASSERT_EQ(plan.to(), to);
      const std::string whole = all_bytes(plan);
      // Every stop where that is quick, else a prime stride.
      const std::size_t stride = whole.size() < 3'000 ? 1 : 211;
      for (std::size_t written = 0; written < whole.size(); written += stride) {
        const auto cut = plan.cut(room.ring, written);
        if (written == 0) {
          // Nothing is begun: a count in front is simply not told.
          ASSERT_EQ(cut.next, from);
          ASSERT_EQ(cut.rest, 0U);
          continue;
        }
        const std::string got = after_a_short_write(room.ring, GetParam(), plan, written);
        auto messages = received(got);
        ASSERT_FALSE(messages.empty());
        if (!prefix.empty()) {
          ASSERT_EQ(messages.front(), "so many viewers");
          messages.erase(messages.begin());
        }
        expect_messages(room, GetParam(), from, to, messages);
        if (HasFatalFailure()) return;
        // Not more than the frame that is begun is held back.
        ASSERT_LE(cut.rest, std::max({prefix.size(), kArrayBytesMax + 4, c.last_bytes + 50}));
        if (GetParam() == WireForm::kPlain) {
          ASSERT_EQ(got, whole);
        }
      }
    }
  }
}

TEST_P(FlushPlanOfEitherForm, StopsWhereAViewerFarBehindHasHadItsTurn) {
  Room room(GetParam(), 5, 3000, 400);
  std::uint64_t from = 1;
  std::size_t plans = 0;
  FlushPlan plan;
  while (from < 3001) {
    plan.build(room.ring, GetParam(), from, 3001, {});
    ASSERT_GT(plan.to(), from);
    EXPECT_LE(plan.bytes(), kPlanBytesMax + 1024);
    EXPECT_LE(plan.pieces().size(), static_cast<std::size_t>(IOV_MAX));
    expect_messages(room, GetParam(), from, plan.to(), received(all_bytes(plan)));
    from = plan.to();
    ++plans;
  }
  EXPECT_GT(plans, 1U);
}

TEST_P(FlushPlanOfEitherForm, TakesAMessageLargerThanAPlanAlone) {
  Room room(GetParam(), 5, 1, 100);
  room.append(kPlanBytesMax + 10);
  room.append(50);
  FlushPlan plan;
  plan.build(room.ring, GetParam(), 2, 4, {});
  EXPECT_EQ(plan.to(), 3U);
  expect_messages(room, GetParam(), 2, 3, received(all_bytes(plan)));
}

TEST_P(FlushPlanOfEitherForm, CopiesAnyRangeOfItsBytes) {
  Room room(GetParam(), 9, 12, 80);
  const std::string extra = frame("p");
  FlushPlan plan;
  plan.build(room.ring, GetParam(), 2, 12, extra);
  const std::string whole = all_bytes(plan);
  for (std::size_t offset = 0; offset <= whole.size(); offset += 3) {
    for (std::size_t length = 0; offset + length <= whole.size(); length += 7) {
      std::string out = "before";
      plan.copy(offset, length, out);
      ASSERT_EQ(out, "before" + whole.substr(offset, length));
    }
  }
}

TEST(DeflatedFlushPlan, CarriesTheSameArraysInFewerBytes) {
  const Room room(WireForm::kCoalesced, 11, 400, 150);
  websocket::Deflater deflater(1, 15, false);
  DeflatedRun run;
  run.build(room.ring, 1, 3, deflater);  // it is used again
  run.build(room.ring, 50, 401, deflater);
  const std::string prefix = frame("so many viewers");
  FlushPlan deflated;
  deflated.build(run, prefix);
  FlushPlan plain;
  plain.build(room.ring, WireForm::kCoalesced, 50, 401, prefix);
  EXPECT_EQ(received(all_bytes(deflated)), received(all_bytes(plain)));
  EXPECT_EQ(deflated.from(), 50U);
  EXPECT_EQ(deflated.to(), 401U);
  EXPECT_EQ(deflated.bytes(), all_bytes(deflated).size());
  EXPECT_LT(deflated.bytes(), plain.bytes() / 2);
}

TEST(DeflatedFlushPlan, LosesAndRepeatsNothingWhereverTheKernelStops) {
  const Room room(WireForm::kCoalesced, 12, 300, 200);
  websocket::Deflater deflater(1, 15, false);
  DeflatedRun run;
  run.build(room.ring, 10, 301, deflater);
  ASSERT_GT(run.arrays().size(), 1U);
  for (const std::string& prefix : {std::string(), frame("so many viewers")}) {
    FlushPlan plan;
    plan.build(run, prefix);
    for (std::size_t written = 1; written < plan.bytes(); ++written) {
      const std::string got = after_a_short_write(room.ring, WireForm::kCoalesced, plan, written);
      auto messages = received(got);
      if (!prefix.empty()) {
        ASSERT_EQ(messages.front(), "so many viewers");
        messages.erase(messages.begin());
      }
      expect_messages(room, WireForm::kCoalesced, 10, 301, messages);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(FlushPlan, FillsArraysToTheirLimitExactly) {
  // Two messages whose array has exactly kArrayBytesMax bytes, and one byte more.
  const std::size_t around = test_chat(1, test_line(1)).size() - test_line(1).size();
  for (const std::size_t over : {0U, 1U}) {
    Room room(WireForm::kCoalesced, 1, 0, 100);
    const std::size_t first = 8000;
    room.append(first);
    room.append(kArrayBytesMax + over - 3 - first - 2 * around);
    FlushPlan plan;
    plan.build(room.ring, WireForm::kCoalesced, 1, 3, {});
    const auto got = received(all_bytes(plan));
    ASSERT_EQ(got.size(), over == 0 ? 1U : 2U);
    if (over == 0) {
      EXPECT_EQ(got.front().size(), kArrayBytesMax);
    }
  }
}

TEST(FlushPlanDeathTest, HasNoCutWhereAllWasWritten) {
  Room room(WireForm::kPlain, 1, 3, 100);
  FlushPlan plan;
  plan.build(room.ring, WireForm::kPlain, 1, 4, {});
  EXPECT_DEATH(static_cast<void>(plan.cut(room.ring, plan.bytes())), "invariant");
}

}  // namespace
}  // namespace spillway::room
