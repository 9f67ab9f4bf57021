// What `fulmar train` shows while it runs: one bar redrawn in place on a terminal, a line every few seconds elsewhere.
//
// Thread rule: a Progress belongs to one thread. The renderers are pure functions.
//
// PROGRESS-1: a rendered bar is never wider than it was told, so it stays on one line.
// PROGRESS-2: after finish() nothing of the bar is left on the terminal.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

namespace fulmar::actors {

/// What is known of the run at a moment.
struct ProgressState {
  std::uint64_t epoch = 0;       ///< 0: the first
  std::uint64_t epochs = 0;      ///< 0: the run ends by updates alone
  std::uint64_t round = 0;       ///< rounds published
  std::uint64_t rounds = 0;      ///< at which the run ends; 0: not known
  std::uint64_t recomputed = 0;  ///< rounds that are computed once more from the journal, up to this one; 0: none are
  std::optional<double> loss;    ///< of the latest round
  std::optional<double> validation_loss;
  double samples_per_second = 0;
  std::uint64_t nodes = 0;
  std::optional<std::chrono::seconds> time_left;
};

enum class ProgressMode { bar, lines, none };

/// "bar", "lines" or "none"; anything else is none of them.
std::optional<ProgressMode> parse_progress_mode(std::string_view name);

/// The bar for a terminal of `width` columns; what matters less is left out where it does not fit. No line end.
std::string render_bar(const ProgressState& state, std::size_t width);
/// One line with everything. No line end.
std::string render_line(const ProgressState& state);

class Progress {
 public:
  using Clock = std::chrono::steady_clock;

  /// A bar where `out` is a terminal, lines elsewhere.
  static ProgressMode suitable_mode(std::FILE* out);

  /// `out` stays the caller's and must outlive this.
  Progress(ProgressMode mode, std::FILE* out);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Shows `state`, if the last one has been there long enough: a tenth of a second for a bar, five seconds for a line.
  void update(const ProgressState& state, Clock::time_point now);
  /// Prints a line of its own (without a line end in `message`), above the bar; with `none` too.
  void note(std::string_view message);
  /// Lines: prints the last state, if it was not shown. Bar: takes the bar away. Later calls do nothing.
  void finish();

 private:
  void draw();
  void erase();

  ProgressMode mode_;
  std::FILE* out_;
  std::optional<Clock::time_point> shown_at_;
  std::optional<ProgressState> pending_;  ///< given, not shown yet
  std::string bar_;                       ///< on the terminal now
};

}  // namespace fulmar::actors
