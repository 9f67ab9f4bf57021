#include "actors/progress.hpp"

#include <cmath>
#include <cstdio>
#include <limits>
#include <string>

#include <boost/test/unit_test.hpp>

namespace fulmar::actors {
namespace {

using namespace std::chrono_literals;

constexpr Progress::Clock::time_point kStart{1h};
const std::string kErase = "\r\x1b[K";

ProgressState middle() {
  ProgressState state;
  state.epoch = 29;
  state.epochs = 60;
  state.round = 315;
  state.rounds = 660;
  state.loss = 0.73104;
  state.validation_loss = 0.79386;
  state.samples_per_second = 1234.5;
  state.nodes = 1;
  state.time_left = 42s;
  return state;
}

/// A file in memory that a Progress writes to.
class Output {
 public:
  Output() : file_(std::tmpfile()) { BOOST_REQUIRE(file_ != nullptr); }
  ~Output() { std::fclose(file_); }
  std::FILE* file() { return file_; }
  /// All that was written since the last call.
  std::string take() {
    std::fseek(file_, read_, SEEK_SET);
    std::string text;
    for (int c = 0; (c = std::fgetc(file_)) != EOF;) text += static_cast<char>(c);
    read_ = std::ftell(file_);
    return text;
  }

 private:
  std::FILE* file_;
  long read_ = 0;
};

/// Columns on a terminal: every character drawn here takes one.
std::size_t columns(const std::string& text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(progress)

BOOST_AUTO_TEST_CASE(a_bar_shows_what_there_is_room_for) {
  // 315 of 660 rounds: 19.09 of 40 cells, 10.98 of 23, 10.5 of 22, 10.02 of 21, 5.73 of 12, drawn in whole eighths.
  BOOST_TEST(render_bar(middle(), 140) ==
             "▕███████████████████                     ▏  epoch 30/60  round 315/660  loss 0.7310  validation 0.7939  "
             "1234 samples/s  1 node  0:42 left");
  BOOST_TEST(render_bar(middle(), 120) ==
             "▕██████████▉            ▏  epoch 30/60  round 315/660  loss 0.7310  validation 0.7939  "
             "1234 samples/s  1 node  0:42 left");
  BOOST_TEST(render_bar(middle(), 80) ==
             "▕██████████▌           ▏  epoch 30/60  loss 0.7310  validation 0.7939  0:42 left");
  BOOST_TEST(render_bar(middle(), 60) == "▕██████████           ▏  epoch 30/60  loss 0.7310  0:42 left");
  BOOST_TEST(render_bar(middle(), 40) == "▕█████▋      ▏  epoch 30/60  loss 0.7310");
  BOOST_TEST(render_bar(middle(), 11) == "epoch 30/60");
  BOOST_TEST(render_bar(middle(), 5) == "epoch");
  BOOST_TEST(render_bar(middle(), 0) == "");
}

// PROGRESS-1
BOOST_AUTO_TEST_CASE(a_bar_is_never_wider_than_the_terminal) {
  ProgressState large = middle();
  large.round = large.rounds = 123'456'789'012;
  large.loss = -std::numeric_limits<double>::max();
  large.samples_per_second = 1e15;
  large.time_left = std::chrono::hours(24 * 365);
  ProgressState least;
  for (const ProgressState& state : {middle(), large, least}) {
    for (std::size_t width = 0; width < 300; ++width) {
      BOOST_TEST(columns(render_bar(state, width)) <= width);
      BOOST_TEST(render_bar(state, width).find('\n') == std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_bar_fills_from_empty_to_full) {
  ProgressState state;
  state.rounds = 80;
  BOOST_TEST(render_bar(state, 30) == "▕                   ▏  epoch 1");
  state.round = 1;
  BOOST_TEST(render_bar(state, 30).starts_with("▕▏"));
  state.round = 80;
  BOOST_TEST(render_bar(state, 30).starts_with("▕██████████"));
  std::size_t filled_before = 0;
  for (state.round = 0; state.round <= 80; ++state.round) {
    const std::string bar = render_bar(state, 60);
    std::size_t filled = 0;
    for (std::size_t at = 0; (at = bar.find("█", at)) != std::string::npos; ++at) ++filled;
    BOOST_TEST(filled >= filled_before);
    filled_before = filled;
  }
}

BOOST_AUTO_TEST_CASE(without_a_known_end_there_are_figures_and_no_bar) {
  ProgressState state;
  state.round = 7;
  state.loss = 12.345;
  state.samples_per_second = 3.21;
  state.nodes = 2;
  BOOST_TEST(render_bar(state, 120) == "epoch 1  round 7  loss 12.35  3.2 samples/s  2 nodes");
  BOOST_TEST(render_line(state) == "epoch 1  round 7  loss 12.35  3.2 samples/s  2 nodes");
}

BOOST_AUTO_TEST_CASE(a_line_has_everything) {
  BOOST_TEST(render_line(middle()) ==
             " 47%  epoch 30/60  round 315/660  loss 0.7310  validation 0.7939  1234 samples/s  1 node  0:42 left");
}

BOOST_AUTO_TEST_CASE(numbers_are_short_at_any_size) {
  ProgressState state;
  const auto line = [&](double loss, double rate, std::chrono::seconds left) {
    state.loss = loss;
    state.samples_per_second = rate;
    state.time_left = left;
    const std::string text = render_line(state);
    return text.substr(text.find("loss "));
  };
  BOOST_TEST(line(0, 0, 0s) == "loss 0.0000  0.0 samples/s  0 nodes  0:00 left");
  BOOST_TEST(line(1.5e-5, 9.94, 59s) == "loss 1.500e-05  9.9 samples/s  0 nodes  0:59 left");
  BOOST_TEST(line(123.45, 951.4, 60s) == "loss 123.5  951 samples/s  0 nodes  1:00 left");
  BOOST_TEST(line(23456.0, 62'000, 3599s) == "loss 2.346e+04  62.0k samples/s  0 nodes  59:59 left");
  BOOST_TEST(line(std::nan(""), 1.28e6, 3600s + 125s) == "loss not finite  1.28M samples/s  0 nodes  1:02:05 left");
  BOOST_TEST(line(1, 1, 51h + 7min) == "loss 1.0000  1.0 samples/s  0 nodes  2 d 03:07 left");
}

BOOST_AUTO_TEST_CASE(a_bar_is_redrawn_in_place_at_most_ten_times_a_second) {
  Output output;
  Progress progress(ProgressMode::bar, output.file());
  ProgressState state = middle();
  int draws = 0;
  for (int ms = 0; ms < 1000; ms += 7) {
    state.round += 1;
    progress.update(state, kStart + std::chrono::milliseconds(ms));
    const std::string text = output.take();
    if (text.empty()) continue;
    ++draws;
    // Not a terminal: 80 columns, the last one stays free.
    BOOST_TEST(text == "\r" + render_bar(state, 79) + "\x1b[K");
  }
  BOOST_TEST(draws == 10);
}

// PROGRESS-2
BOOST_AUTO_TEST_CASE(a_finished_bar_is_gone) {
  Output output;
  Progress progress(ProgressMode::bar, output.file());
  progress.update(middle(), kStart);
  output.take();
  progress.finish();
  BOOST_TEST(output.take() == kErase);
  progress.update(middle(), kStart + 1h);
  progress.finish();
  BOOST_TEST(output.take() == "");
  progress.note("done");
  BOOST_TEST(output.take() == "done\n");
}

BOOST_AUTO_TEST_CASE(a_note_stands_above_the_bar) {
  Output output;
  Progress progress(ProgressMode::bar, output.file());
  progress.note("before");
  BOOST_TEST(output.take() == "before\n");
  progress.update(middle(), kStart);
  output.take();
  progress.note("node 3 left");
  BOOST_TEST(output.take() == kErase + "node 3 left\n" + render_bar(middle(), 79));
}

BOOST_AUTO_TEST_CASE(lines_come_every_few_seconds_and_the_last_one_is_never_lost) {
  Output output;
  ProgressState state = middle();
  {
    Progress progress(ProgressMode::lines, output.file());
    progress.update(state, kStart);
    BOOST_TEST(output.take() == render_line(state) + "\n");
    progress.update(state, kStart + 4999ms);
    BOOST_TEST(output.take() == "");
    progress.update(state, kStart + 5s);
    BOOST_TEST(output.take() == render_line(state) + "\n");
    state.round = state.rounds;
    progress.update(state, kStart + 6s);
    BOOST_TEST(output.take() == "");
  }
  BOOST_TEST(output.take() == render_line(state) + "\n");
}

BOOST_AUTO_TEST_CASE(none_shows_notes_alone) {
  Output output;
  Progress progress(ProgressMode::none, output.file());
  progress.update(middle(), kStart);
  BOOST_TEST(output.take() == "");
  progress.note("the disk is full");
  progress.finish();
  BOOST_TEST(output.take() == "the disk is full\n");
}

BOOST_AUTO_TEST_CASE(what_is_no_terminal_gets_lines) {
  Output output;
  BOOST_TEST((Progress::suitable_mode(output.file()) == ProgressMode::lines));
  BOOST_TEST((parse_progress_mode("bar") == ProgressMode::bar));
  BOOST_TEST(!parse_progress_mode("auto"));
}

BOOST_AUTO_TEST_CASE(what_is_recomputed_is_said_until_it_is_done) {
  ProgressState state = middle();
  state.round = 1234;
  state.recomputed = 2000;
  state.rounds = 2500;
  BOOST_TEST(render_line(state).find("epoch 30/60  recomputing 1,234 / 2,000  loss 0.7310") != std::string::npos,
             render_line(state));
  BOOST_TEST(render_bar(state, 60).find("recomputing 1,234 / 2,000") != std::string::npos, render_bar(state, 60));
  state.round = 2000;
  BOOST_TEST(render_line(state).find("round 2000/2500") != std::string::npos, render_line(state));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fulmar::actors
