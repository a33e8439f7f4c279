#include "room/ring.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <string>

#include "base/random.h"
#include "room/test_batches.h"
#include "websocket/frame.h"

namespace spillway::room {
namespace {

std::string joined(const Ring& ring, std::uint64_t from, std::uint64_t to) {
  std::string all;
  for (const std::string_view piece : ring.bytes(from, to)) all += piece;
  return all;
}

std::string encoded(WireForm form, std::uint64_t seq, std::string_view line) {
  const std::string chat = test_chat(seq, line);
  if (form == WireForm::kCoalesced) return chat + ',';
  std::string frame;
  websocket::append_frame(frame, websocket::Opcode::kText, chat);
  return frame;
}

// What a ring has to say, told by a list of strings.
struct Model {
  std::uint64_t first_seq = 1;
  std::deque<std::string> messages;

  std::uint64_t next_seq() const { return first_seq + messages.size(); }
  const std::string& at(std::uint64_t seq) const { return messages[seq - first_seq]; }
  std::string joined(std::uint64_t from, std::uint64_t to) const {
    std::string all;
    for (std::uint64_t seq = from; seq < to; ++seq) all += at(seq);
    return all;
  }
  std::uint64_t fit(std::uint64_t from, std::uint64_t limit, std::size_t bytes_max) const {
    std::size_t bytes = 0;
    std::uint64_t to = from;
    while (to < limit && (to == from || bytes + at(to).size() <= bytes_max))
      bytes += at(to++).size();
    return to;
  }
  std::uint64_t message_at(std::uint64_t from, std::size_t offset) const {
    while (offset >= at(from).size()) offset -= at(from++).size();
    return from;
  }
  void drop_before(std::uint64_t seq) {
    while (!messages.empty() && first_seq < seq) {
      messages.pop_front();
      ++first_seq;
    }
  }
};

std::size_t any_line_size(Random& random) {
  switch (random.below(20)) {
    case 0:
      return 60'000 + random.below(9'000);  // around the 10 byte header
    case 1:
    case 2:
      return 1'000 + random.below(15'000);
    case 3:
    case 4:
    case 5:
      return 80 + random.below(60);  // around the 4 byte header
    default:
      return 20 + random.below(200);
  }
}

void expect_same(const Ring& ring, const Model& model, Random& random) {
  ASSERT_EQ(ring.first_seq(), model.first_seq);
  ASSERT_EQ(ring.next_seq(), model.next_seq());
  ASSERT_EQ(ring.empty(), model.messages.empty());
  const std::uint64_t count = model.messages.size();
  const std::uint64_t from = model.first_seq + random.below(count + 1);
  const std::uint64_t to = from + random.below(model.next_seq() - from + 1);
  const std::string expected = model.joined(from, to);
  ASSERT_EQ(joined(ring, from, to), expected);
  ASSERT_EQ(ring.size(from, to), expected.size());
  const std::size_t bytes_max = random.below(40'000);
  ASSERT_EQ(ring.fit(from, to, bytes_max), model.fit(from, to, bytes_max));
  if (expected.empty()) return;
  const std::size_t offset = random.below(expected.size());
  ASSERT_EQ(ring.message_at(from, offset), model.message_at(from, offset));
}

class RingOfEitherForm : public ::testing::TestWithParam<WireForm> {};

INSTANTIATE_TEST_SUITE_P(Forms, RingOfEitherForm,
                         ::testing::Values(WireForm::kPlain, WireForm::kCoalesced),
                         [](const auto& form) {
                           return form.param == WireForm::kPlain ? "Plain" : "Coalesced";
                         });

TEST_P(RingOfEitherForm, AnswersLikeAListOfStringsWhateverIsDoneToIt) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    Ring ring(GetParam());
    Model model;
    std::uint64_t line_number = 0;
    for (int step = 0; step < 400; ++step) {
      const std::uint64_t what = random.below(100);
      if (what < 80) {
        const std::string line = test_line(++line_number, any_line_size(random));
        model.messages.push_back(encoded(GetParam(), model.next_seq(), line));
        ring.append(line);
      } else if (what < 98) {
        // Mostly a little; sometimes all, or beyond the end.
        const std::uint64_t seq = model.first_seq + random.below(model.messages.size() + 3);
        ring.drop_before(seq);
        model.drop_before(seq);
      } else {
        const std::uint64_t seq = 1 + random.below(std::uint64_t{1} << 40U);
        ring.reset(seq);
        model = {seq, {}};
      }
      expect_same(ring, model, random);
      if (HasFatalFailure()) return;
    }
  }
}

TEST_P(RingOfEitherForm, WrapsAroundAtEveryOffset) {
  // 512 bytes of ring; messages of one size, moved by a first message of every size.
  for (std::size_t lead = 20; lead < 120; ++lead) {
    SCOPED_TRACE(lead);
    Ring ring(GetParam());
    Model model;
    const auto append = [&](std::size_t bytes) {
      const std::string line = test_line(model.next_seq(), bytes);
      model.messages.push_back(encoded(GetParam(), model.next_seq(), line));
      ring.append(line);
    };
    append(lead);
    for (int i = 0; i < 40; ++i) {
      append(41);
      if (model.messages.size() > 4) {
        ring.drop_before(model.first_seq + 1);
        model.drop_before(model.first_seq + 1);
      }
      ASSERT_EQ(joined(ring, ring.first_seq(), ring.next_seq()),
                model.joined(model.first_seq, model.next_seq()));
    }
    EXPECT_LE(ring.memory_bytes(), 512 + 8 * sizeof(std::uint64_t));
  }
}

TEST_P(RingOfEitherForm, BecomesTheOtherFormByCopying) {
  const WireForm other_form =
      GetParam() == WireForm::kPlain ? WireForm::kCoalesced : WireForm::kPlain;
  Random random(7);
  Ring source(other_form);
  Ring expected(GetParam());
  source.reset(900);
  expected.reset(900);
  for (std::uint64_t seq = 900; seq < 1100; ++seq) {
    const std::string line = test_line(seq, any_line_size(random));
    source.append(line);
    expected.append(line);
    if (random.below(3) == 0) source.drop_before(source.first_seq() + 1);
  }
  expected.drop_before(source.first_seq());

  Ring copy(GetParam());
  copy.append(test_line(1));  // of another life: forgotten
  copy.copy_from(source);

  EXPECT_EQ(copy.first_seq(), source.first_seq());
  EXPECT_EQ(copy.next_seq(), 1100U);
  EXPECT_EQ(joined(copy, copy.first_seq(), 1100), joined(expected, copy.first_seq(), 1100));
}

TEST_P(RingOfEitherForm, BecomesTheOtherFormByCopyingEachHeaderLength) {
  const WireForm other_form =
      GetParam() == WireForm::kPlain ? WireForm::kCoalesced : WireForm::kPlain;
  const std::size_t around = test_chat(1, test_line(1)).size() - test_line(1).size();
  for (const std::size_t json : {125U, 126U, 127U, 65'535U, 65'536U}) {
    SCOPED_TRACE(json);
    Ring source(other_form);
    source.append(test_line(1, json - around));
    Ring copy(GetParam());
    copy.copy_from(source);
    EXPECT_EQ(joined(copy, 1, 2), encoded(GetParam(), 1, test_line(1, json - around)));
  }
}

TEST_P(RingOfEitherForm, CopiesAnEmptyOneWithItsPosition) {
  Ring source(GetParam() == WireForm::kPlain ? WireForm::kCoalesced : WireForm::kPlain);
  source.reset(77);
  Ring copy(GetParam());
  copy.copy_from(source);
  EXPECT_TRUE(copy.empty());
  EXPECT_EQ(copy.next_seq(), 77U);
}

TEST(Ring, ShrinksAfterABurstIsDropped) {
  Ring ring(WireForm::kPlain);
  for (std::uint64_t seq = 1; seq <= 4000; ++seq) ring.append(test_line(seq, 200));
  const std::size_t full = ring.memory_bytes();
  EXPECT_GE(full, 4000U * 200U);
  for (std::uint64_t seq = 1; seq <= 3998; ++seq) ring.drop_before(seq);
  EXPECT_LE(ring.memory_bytes(), 8U * 1024U);
  EXPECT_EQ(joined(ring, 3998, 4001), encoded(WireForm::kPlain, 3998, test_line(3998, 200)) +
                                          encoded(WireForm::kPlain, 3999, test_line(3999, 200)) +
                                          encoded(WireForm::kPlain, 4000, test_line(4000, 200)));
  ring.drop_before(5000);
  EXPECT_EQ(ring.memory_bytes(), 0U);
  EXPECT_EQ(ring.next_seq(), 4001U);
}

TEST(Ring, KeepsItsMemoryAtAWorkingSize) {
  Ring ring(WireForm::kPlain);
  for (std::uint64_t seq = 1; seq <= 200; ++seq) ring.append(test_line(seq, 100));
  const std::size_t working = ring.memory_bytes();
  for (std::uint64_t seq = 201; seq <= 5000; ++seq) {
    ring.append(test_line(seq, 100));
    ring.drop_before(seq - 199);
    ASSERT_EQ(ring.memory_bytes(), working);
  }
}

TEST(Ring, OwnsNothingWhileEmpty) {
  const Ring ring(WireForm::kCoalesced);
  EXPECT_EQ(ring.memory_bytes(), 0U);
  EXPECT_EQ(ring.size(1, 1), 0U);
  EXPECT_EQ(ring.fit(1, 1, 100), 1U);
}

TEST(Ring, NeverGoesBackwardsWhenDropping) {
  Ring ring(WireForm::kPlain);
  ring.reset(10);
  ring.append(test_line(10));
  ring.append(test_line(11));
  ring.drop_before(11);
  ring.drop_before(3);
  EXPECT_EQ(ring.first_seq(), 11U);
}

TEST(RingDeathTest, RefusesARangeThatItDoesNotHold) {
  Ring ring(WireForm::kPlain);
  ring.append(test_line(1));
  EXPECT_DEATH(static_cast<void>(ring.bytes(1, 3)), "invariant");
}

}  // namespace
}  // namespace spillway::room
