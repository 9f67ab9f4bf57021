// Which key may ask a head for what, with the test as its carrier: what the desk answers is there at once.
#include "runtime/transport/control_desk.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "runtime/transport/codec.hpp"

namespace fulmar::transport {
namespace {

namespace fs = std::filesystem;

constexpr Time kNow = std::chrono::hours(1);
constexpr PeerId kPeer = 5;
constexpr RunId kRun{1, 2, 3};
constexpr core::Term kTerm = 3;

/// What is sent, in order.
class Sheet final : public Carrier {
 public:
  Sent send(PeerId to, const Packet& packet) override {
    BOOST_TEST(to == kPeer);
    sent_.push_back(packet);
    return Sent::taken;
  }
  std::vector<CarrierEvent> wait(core::Time) override { return {}; }
  void wake() override {}

  template <class Word>
  Word next() {
    BOOST_TEST_REQUIRE(!sent_.empty());
    const std::variant<Datagram, Drop> decoded = decode(sent_.front());
    sent_.erase(sent_.begin());
    const auto* datagram = std::get_if<Datagram>(&decoded);
    BOOST_TEST_REQUIRE(datagram != nullptr);
    const auto* word = std::get_if<Word>(&datagram->content);
    BOOST_TEST_REQUIRE(word != nullptr);
    return *word;
  }
  bool is_empty() const { return sent_.empty(); }

 private:
  std::vector<Packet> sent_;
};

/// What the head is asked, as words.
struct Asked final : HeadSink {
  std::vector<std::string> words;

  void on_join(PeerId, const core::Join& join) override { words.push_back("join " + join.name); }
  void on_message(const core::Sender&, core::Channel, Delivery) override { words.emplace_back("message"); }
  void on_gone(const core::Sender&, const std::string&) override { words.emplace_back("gone"); }
  void on_evicted(const core::Sender&) override { words.emplace_back("evicted"); }
  void on_newer_term(core::Term) override { words.emplace_back("newer term"); }
  void on_status_request(PeerId) override { words.emplace_back("status"); }
  void on_drain_request(PeerId, const std::string& node) override { words.push_back("drain " + node); }
  void on_policy_request(PeerId peer, const std::string& policy) override {
    BOOST_TEST(peer == kPeer);
    words.push_back("policy " + policy);
  }
  void on_trouble(const std::string& message) override { words.push_back("trouble: " + message); }
};

/// A folder of keys, for as long as a test lasts.
struct Keys {
  Keys() {
    std::string name = (fs::temp_directory_path() / "fulmar-desk-XXXXXX").string();
    BOOST_TEST_REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
    BOOST_TEST_REQUIRE(generate_keys(path).ok());
  }
  ~Keys() { fs::remove_all(path); }

  AllowList allowed() const { return *AllowList::read(path / "head"); }
  std::string of(const std::string& client) const { return read_client_keys(path / client)->own.public_key; }

  fs::path path;
};

ControlDesk::Settings settings() {
  ControlDesk::Settings settings;
  settings.head.run = kRun;
  settings.head.term = kTerm;
  settings.head.offer.liveness = std::chrono::seconds(1);
  return settings;
}

struct Desk {
  explicit Desk(std::optional<AllowList> allowed) : desk(settings(), sheet, std::move(allowed), pool, traffic) {
    desk.meet(asked);
  }

  void hear(decltype(Datagram::content) content, const std::string& key) {
    desk.on(kNow, carrier_event::Arrived{kPeer, encode({kRun, std::move(content)}), key});
  }
  std::uint64_t dropped(Drop reason) const { return traffic.dropped[static_cast<std::size_t>(reason)]; }

  Sheet sheet;
  BufferPool pool;
  Traffic traffic;
  Asked asked;
  ControlDesk desk;
};

/// All that administrators ask.
std::vector<decltype(Datagram::content)> admins_questions() {
  return {StatusRequest{}, DrainRequest{"gpu-07"}, PolicyRequest{"bounded:4"}};
}
const std::vector<std::string> kAdminsWords{"status", "drain gpu-07", "policy bounded:4"};

BOOST_AUTO_TEST_SUITE(control_desk)

BOOST_AUTO_TEST_CASE(an_administrators_key_asks_for_the_status_drains_and_changes_the_policy) {
  const Keys keys;
  Desk desk(keys.allowed());
  for (const auto& question : admins_questions()) desk.hear(question, keys.of("admin"));
  BOOST_TEST(desk.asked.words == kAdminsWords, boost::test_tools::per_element());
  BOOST_TEST(desk.sheet.is_empty());  // the head answers
  BOOST_TEST(desk.dropped(Drop::not_allowed) == 0U);
}

// HEAD-2
BOOST_AUTO_TEST_CASE(a_workers_key_that_asks_for_it_is_refused_with_words_and_counted) {
  const Keys keys;
  Desk desk(keys.allowed());
  std::uint64_t refused = 0;
  for (const auto& question : admins_questions()) {
    desk.hear(question, keys.of("worker"));
    const auto refusal = desk.sheet.next<Refusal>();
    BOOST_TEST(refusal.reason.find("admins directory") != std::string::npos, refusal.reason);
    BOOST_TEST(refusal.reason.find("policy") != std::string::npos, refusal.reason);
    BOOST_TEST(!refusal.may_retry);
    BOOST_TEST(desk.dropped(Drop::not_allowed) == ++refused);
  }
  BOOST_TEST(desk.asked.words.empty());
}

// HEAD-2: nor does an administrator's key join.
BOOST_AUTO_TEST_CASE(a_key_joins_or_administers_but_not_both) {
  const Keys keys;
  Desk desk(keys.allowed());
  JoinRequest request;
  request.join = {"node", 1, 1, 1, false};
  desk.hear(request, keys.of("admin"));
  BOOST_TEST(!desk.sheet.next<Refusal>().reason.empty());
  BOOST_TEST(desk.asked.words.empty());
  desk.hear(request, keys.of("worker"));
  BOOST_TEST(desk.asked.words == std::vector<std::string>{"join node"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_key_that_is_taken_out_asks_nothing_any_longer) {
  const Keys keys;
  Desk desk(keys.allowed());
  const std::string admin = keys.of("admin");
  fs::remove(keys.path / "head" / "admins" / "admin.pub");
  desk.desk.tick(kNow);
  desk.hear(PolicyRequest{"async"}, admin);
  BOOST_TEST(!desk.sheet.next<Refusal>().reason.empty());
  BOOST_TEST(desk.asked.words.empty());
}

BOOST_AUTO_TEST_CASE(without_keys_whoever_connects_may_ask) {
  Desk desk(std::nullopt);
  for (const auto& question : admins_questions()) desk.hear(question, "");
  BOOST_TEST(desk.asked.words == kAdminsWords, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_a_head_says_is_not_for_a_head) {
  Desk desk(std::nullopt);
  desk.hear(Done{}, "");
  desk.hear(Status{}, "");
  BOOST_TEST(desk.asked.words.empty());
  BOOST_TEST(desk.dropped(Drop::not_allowed) == 2U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::transport
