#include "websocket/deflate_offer.h"

#include <gtest/gtest.h>

#include <ostream>

namespace spillway::websocket {
namespace {

constexpr DeflatePolicy kHonourAll{};
constexpr DeflatePolicy kChat{.force_no_context_takeover = true,
                              .decline_smaller_server_window = true};

// The answer to an offer; empty: declined.
std::string answer(std::string_view offers, const DeflatePolicy& policy) {
  const auto params = negotiate(offers, policy);
  return params ? response_value(*params) : "";
}

struct Case {
  const char* offers;
  const char* answer;
};

TEST(DeflateOffer, HonoursEveryParameter) {
  const Case cases[] = {
      {"", ""},
      {"permessage-deflate", "permessage-deflate"},
      {"PerMessage-Deflate", "permessage-deflate"},
      {" permessage-deflate ; server_no_context_takeover",
       "permessage-deflate; server_no_context_takeover"},
      {"permessage-deflate;client_no_context_takeover",
       "permessage-deflate; client_no_context_takeover"},
      {"permessage-deflate; client_max_window_bits", "permessage-deflate"},
      {"permessage-deflate; client_max_window_bits=10",
       "permessage-deflate; client_max_window_bits=10"},
      {"permessage-deflate; client_max_window_bits=\"8\"",
       "permessage-deflate; client_max_window_bits=8"},
      {"permessage-deflate; server_max_window_bits=\"1\\0\"",
       "permessage-deflate; server_max_window_bits=10"},
      {"permessage-deflate; server_max_window_bits=15",
       "permessage-deflate; server_max_window_bits=15"},
      {"permessage-deflate; server_max_window_bits=8; client_max_window_bits=9; "
       "client_no_context_takeover; server_no_context_takeover",
       "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
       "server_max_window_bits=8; client_max_window_bits=9"},
  };
  for (const Case& c : cases) EXPECT_EQ(answer(c.offers, kHonourAll), c.answer) << c.offers;
}

TEST(DeflateOffer, IsDeclinedWhenIllFormed) {
  for (const std::string parameters :
       {"; unknown", "; server_no_context_takeover=1", "; client_no_context_takeover=\"x\"",
        "; server_max_window_bits", "; server_max_window_bits=7", "; server_max_window_bits=16",
        "; server_max_window_bits=08", "; server_max_window_bits=1", "; server_max_window_bits=8x",
        "; server_max_window_bits=100", "; client_max_window_bits=7",
        "; client_max_window_bits=010", "; server_no_context_takeover; server_no_context_takeover",
        "; client_no_context_takeover; client_no_context_takeover",
        "; client_max_window_bits; client_max_window_bits=9",
        "; server_max_window_bits=9; server_max_window_bits=9"}) {
    EXPECT_EQ(answer("permessage-deflate" + parameters, kHonourAll), "") << parameters;
    EXPECT_EQ(answer("permessage-deflate" + parameters + ", permessage-deflate", kHonourAll),
              "permessage-deflate")
        << parameters;
  }
}

TEST(DeflateOffer, DeclinesEverythingInAValueThatIsNoList) {
  for (const char* offers :
       {"permessage-deflate;", "permessage-deflate; =1",
        "permessage-deflate; server_max_window_bits=",
        "permessage-deflate; server_max_window_bits=\"\"", "permessage-deflate; x=\"9",
        "permessage-deflate; x=\"a b\"", "permessage-deflate; x=\"\\", "permessage-deflate, \x01",
        "permessage-deflate foo", ";", "=", "\"permessage-deflate\"", "permessage-deflate, a b"}) {
    EXPECT_EQ(answer(offers, kHonourAll), "") << offers;
  }
}

TEST(DeflateOffer, TakesTheFirstThatFits) {
  EXPECT_EQ(answer("x-webkit-deflate-frame, ,permessage-bzip2; a=1, permessage-deflate; "
                   "server_max_window_bits=9, permessage-deflate",
                   kHonourAll),
            "permessage-deflate; server_max_window_bits=9");
}

TEST(DeflateOffer, OfTheChatAlwaysForgetsAndNeedsTheWholeWindow) {
  const std::string forgets =
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
  EXPECT_EQ(answer("permessage-deflate; client_max_window_bits", kChat), forgets);
  EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=15", kChat),
            forgets + "; server_max_window_bits=15");
  EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=14", kChat), "");
  EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=14, permessage-deflate", kChat),
            forgets);
}

TEST(DeflateOffer, IsDeclinedWhenCompressionIsOff) {
  EXPECT_EQ(answer("permessage-deflate", DeflatePolicy{.enabled = false}), "");
}

TEST(DeflateAnswer, IsReadByTheClient) {
  const auto none = parse_response("");
  ASSERT_TRUE(none);
  EXPECT_FALSE(*none);
  const auto all = parse_response(
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
      "server_max_window_bits=9; client_max_window_bits=10");
  ASSERT_TRUE(all);
  ASSERT_TRUE(*all);
  EXPECT_EQ(**all, (DeflateParams{.server_no_context_takeover = true,
                                  .client_no_context_takeover = true,
                                  .server_max_window_bits = 9,
                                  .client_max_window_bits = 10,
                                  .server_window_offered = true}));
}

TEST(DeflateAnswer, FailsWhenItIsNotOneToTheOffer) {
  for (const char* value :
       {"permessage-bzip2", "permessage-deflate, permessage-deflate", "permessage-deflate; x",
        "permessage-deflate; client_max_window_bits",
        "permessage-deflate; server_max_window_bits=7", "permessage-deflate;"}) {
    EXPECT_FALSE(parse_response(value)) << value;
  }
}

TEST(DeflateAnswer, IsWhatTheServerMeant) {
  for (const char* offer :
       {"permessage-deflate", "permessage-deflate; server_max_window_bits=12",
        "permessage-deflate; client_max_window_bits=8; server_no_context_takeover"}) {
    const auto agreed = negotiate(offer, kHonourAll);
    ASSERT_TRUE(agreed);
    const auto read = parse_response(response_value(*agreed));
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, agreed);
  }
}

}  // namespace
}  // namespace spillway::websocket
