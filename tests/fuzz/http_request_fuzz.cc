// Bytes from a stranger to the balancer's port: requests, one behind the other, and what is made of
// each. Where a request ends must not depend on the cuts, and every call has its bounds.
#include <cstdint>
#include <string>
#include <vector>

#include "balancer/api_call.h"
#include "balancer/request_reader.h"
#include "balancer/web_pages.h"
#include "base/check.h"
#include "base/overloaded.h"
#include "protocol/text.h"
#include "websocket/testing/pieces.h"

namespace {

using namespace spillway::balancer;            // NOLINT(google-build-using-namespace)
using namespace spillway::websocket::testing;  // NOLINT(google-build-using-namespace)

const RouteOptions kWithToken{.admin_token = "secret", .bound_to_loopback = false};
const RouteOptions kWithoutToken{};

constexpr WebFile kFiles[] = {{"/home", "t", "h", "p", "g", "b"},
                              {"/chat", "t", "h", "p", "g", "b"},
                              {"/assets/a.js", "t", "h", "p", "g", "b"}};

// Whatever is asked for, what is answered is one of the files or a sentence of ours.
void check_page(const Request& request) {
  const auto page = answer_page(request, {kFiles, ""});
  if (!page) return;
  if (page->status == boost::beast::http::status::ok) CHECK(body_of(*page).size() == 1);
  CHECK(page->headers.size() < 1024);
}

void check(const ApiCall& call) {
  if (const auto* provision = std::get_if<Provision>(&call)) {
    CHECK(provision->room.empty() || spillway::protocol::is_chat_id(provision->room));
  }
  if (const auto* stream = std::get_if<StatsStream>(&call)) CHECK(stream->rooms > 0);
}

// Where the requests of a connection end, each with its target: what must not depend on the cuts.
std::vector<std::string> read_all(const Pieces& pieces) {
  std::vector<std::string> requests;
  RequestReader reader;
  for (const std::string& piece : pieces) {
    std::string_view rest = piece;
    while (!rest.empty()) {
      std::size_t consumed = 0;
      const auto outcome = reader.feed(rest, consumed);
      CHECK(consumed <= rest.size());
      rest.remove_prefix(consumed);
      if (const auto* refused = std::get_if<RequestReader::Refused>(&outcome)) {
        CHECK(static_cast<unsigned>(refused->status) >= 400);
        requests.emplace_back(refused->sentence);
        return requests;
      }
      if (std::holds_alternative<RequestReader::NeedMore>(outcome)) {
        CHECK(rest.empty());
        continue;
      }
      const Request& request = reader.request();
      requests.push_back(request.path + "?" + request.query);
      check_page(request);
      for (const RouteOptions& options : {kWithToken, kWithoutToken}) {
        const auto parsed = parse_call(request, options);
        std::visit(
            spillway::overloaded{[](const ApiCall& call) { check(call); }, [](const Response&) {}},
            parsed);
      }
    }
  }
  return requests;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto whole = read_all({std::string(bytes)});
  CHECK(read_all(single_bytes(bytes)) == whole);
  CHECK(read_all(random_pieces(bytes, bytes.size())) == whole);
  return 0;
}
