// When what the recorder is given is on the disk.
#include "actors/recorder_actor.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>

#include "tests/actors/training_harness.hpp"
#include "tests/runtime/storage/faulty_storage.hpp"

namespace fulmar::actors::testing {
namespace {

constexpr auto kPatience = std::chrono::seconds(60);

core::UpdateApplied update(core::Version version) {
  return {version, {version, 2, 3, version - 1, version - 1}, 0.5, 0.25};
}

/// A recorder on a disk that may fail, whose supervisor is the test. The disk is the recorder's until an answer is here
/// after which it has nothing left to do.
class Recording {
 public:
  Recording() : system_(config_), self_(system_) {
    Result<storage::OpenedJournal> opened = storage::Journal::open(disk);
    BOOST_REQUIRE(opened.ok());
    const Result<core::Term> term = storage::raise_term(opened->journal, opened->records, 0);
    BOOST_REQUIRE(term.ok());
    context_->term = *term;
    journal_ = std::make_shared<storage::Journal>(std::move(opened->journal));
  }
  ~Recording() {
    if (recorder_) self_->send_exit(recorder_, caf::exit_reason::kill);
  }

  /// To be called when the disk is as the test wants it.
  void start() {
    recorder_ = self_->spawn<caf::monitored>(recorder_actor, context_, RecorderStart{&disk, journal_},
                                             caf::actor_cast<caf::actor>(self_));
  }
  void record(std::vector<core::JournalRecord> records) { self_->send(recorder_, RecordMail{std::move(records), {}}); }
  void tell(const std::string& event) { self_->send(recorder_, RecordMail{{}, event + "\n"}); }

  CheckpointAnswer checkpoint(core::Version version) {
    CheckpointMail mail;
    mail.state.version = version;
    mail.policy = "async";
    self_->send(recorder_, std::move(mail));
    self_->send(recorder_, CheckpointSlice{version, core::CheckpointKind::full, 0, zeros(), {zeros(), zeros()}});
    return hear<CheckpointAnswer>();
  }
  /// The recorder is told that nothing more will come, and ends.
  void finish() {
    self_->send(recorder_, Finish{});
    hear<caf::down_msg>();
    recorder_ = nullptr;
  }

  template <class Kind>
  Kind hear() {
    std::optional<Kind> heard;
    const auto take = [&](const auto& mail) {
      if constexpr (std::is_same_v<std::decay_t<decltype(mail)>, Kind>) heard = mail;
      using Mail = std::decay_t<decltype(mail)>;
      syncs += std::is_same_v<Mail, JournalGrew> ? 1 : 0;
    };
    while (!heard) {
      self_->receive([&](const JournalGrew& mail) { take(mail); }, [&](const CheckpointAnswer& mail) { take(mail); },
                     [&](const Trouble& mail) { take(mail); }, [&](const caf::down_msg& mail) { take(mail); },
                     caf::after(kPatience) >> [] { BOOST_FAIL("the recorder does not say it"); });
    }
    return *heard;
  }

  /// How many updates a power cut leaves.
  std::size_t updates_on_disk() {
    disk.crash_at(0);
    BOOST_TEST(!disk.create("the machine goes off").ok());
    disk.restart();
    const Result<storage::JournalContents> journal = storage::read_journal(disk);
    BOOST_REQUIRE(journal.ok());
    return static_cast<std::size_t>(
        std::count_if(journal->records.begin(), journal->records.end(),
                      [](const auto& record) { return std::holds_alternative<core::UpdateApplied>(record); }));
  }

  std::string events() {
    const Result<std::vector<std::byte>> bytes = disk.read(kEventsFile);
    BOOST_REQUIRE(bytes.ok());
    std::string text;
    for (const std::byte byte : *bytes) text.push_back(static_cast<char>(byte));
    return text;
  }

  storage::FaultyStorage disk{1};
  int syncs = 0;  ///< that the test has heard of

 private:
  std::shared_ptr<RunContext> context_ = context_of({});
  std::shared_ptr<storage::Journal> journal_;
  caf::actor_system_config config_;
  caf::actor_system system_;
  caf::scoped_actor self_;
  caf::actor recorder_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(recorder)

BOOST_AUTO_TEST_CASE(updates_are_made_durable_together_without_being_asked) {
  constexpr core::Version kUpdates = 500;
  Recording recording;
  recording.start();
  for (core::Version version = 1; version <= kUpdates; ++version) recording.record({update(version)});
  recording.hear<JournalGrew>();  // the window of the first of them is over
  recording.finish();             // and those that came after it are not forgotten
  BOOST_TEST(recording.updates_on_disk() == kUpdates);
  BOOST_TEST(recording.syncs < 50);  // one in each window of 100 ms
}

BOOST_AUTO_TEST_CASE(any_other_record_is_made_durable_at_once_with_the_updates_before_it) {
  Recording recording;
  recording.start();
  recording.record({update(1), core::ValidationDone{1, 0.5}});
  recording.hear<JournalGrew>();
  BOOST_TEST(recording.updates_on_disk() == 1U);
}

BOOST_AUTO_TEST_CASE(what_waits_is_durable_when_the_recorder_ends) {
  Recording recording;
  recording.start();
  recording.record({update(1)});
  recording.finish();
  BOOST_TEST(recording.updates_on_disk() == 1U);
}

BOOST_AUTO_TEST_CASE(updates_are_durable_before_a_checkpoint_that_has_them) {
  Recording recording;
  recording.start();
  recording.record({update(1)});
  BOOST_TEST(recording.checkpoint(1).done.failure == "");
  BOOST_TEST(recording.updates_on_disk() == 1U);
}

BOOST_AUTO_TEST_CASE(there_is_no_checkpoint_as_long_as_the_updates_in_it_cannot_be_journalled) {
  Recording recording;
  recording.disk.limit_space(0);
  recording.start();
  recording.record({update(1)});
  const std::string failure = recording.checkpoint(1).done.failure;
  BOOST_TEST(failure.starts_with("the updates before it are not in the journal: "), failure);
}

BOOST_AUTO_TEST_CASE(events_are_written_in_their_order_and_together) {
  Recording recording;
  recording.start();
  const std::uint64_t before = recording.disk.operations();
  std::string expected;
  for (int event = 0; event < 500; ++event) {
    recording.tell(std::to_string(event));
    expected += std::to_string(event) + "\n";
  }
  recording.finish();
  BOOST_TEST(recording.events() == expected);
  BOOST_TEST(recording.disk.operations() - before < 50);  // one in each window of 100 ms
}

BOOST_AUTO_TEST_CASE(an_event_spoils_no_line_that_a_crash_has_torn) {
  Recording recording;
  {
    const auto file = recording.disk.create(kEventsFile);
    BOOST_REQUIRE(file.ok());
    BOOST_REQUIRE((*file)->append(std::as_bytes(std::span(std::string_view("torn")))).ok());
  }
  recording.start();
  recording.tell("whole");
  recording.finish();
  BOOST_TEST(recording.events() == "torn\nwhole\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fulmar::actors::testing
