// Refuses a processor that lacks the instructions this build was compiled for, with a message instead of SIGILL.
//
// It runs before every other static initialiser of the program (constructor priority 101, the first that is free to
// use), because those may already contain such instructions. For the same reason this file alone is compiled for plain
// x86-64 (actors/program.cmake) and uses nothing of C++ that could share an inline function with the other files.
// Thread rule: runs once, before main, on the only thread there is.
#include <cpuid.h>
#include <string.h>
#include <unistd.h>

namespace {

enum Register { kEax, kEbx, kEcx, kEdx };

struct Feature {
  const char* name;
  unsigned level;  // of the x86-64 psABI: 2, 3 or 4
  unsigned leaf;
  Register where;
  unsigned bit;
};

// The x86-64 psABI, section 3.1.1, "Micro-Architecture Levels"; bits from Intel's SDM, CPUID, and AMD's APM, appendix
// E.
constexpr Feature kFeatures[] = {
    {"CMPXCHG16B", 2, 1, kEcx, 13}, {"LAHF-SAHF", 2, 0x80000001, kEcx, 0},
    {"POPCNT", 2, 1, kEcx, 23},     {"SSE3", 2, 1, kEcx, 0},
    {"SSSE3", 2, 1, kEcx, 9},       {"SSE4.1", 2, 1, kEcx, 19},
    {"SSE4.2", 2, 1, kEcx, 20},     {"AVX", 3, 1, kEcx, 28},
    {"AVX2", 3, 7, kEbx, 5},        {"BMI1", 3, 7, kEbx, 3},
    {"BMI2", 3, 7, kEbx, 8},        {"F16C", 3, 1, kEcx, 29},
    {"FMA", 3, 1, kEcx, 12},        {"LZCNT", 3, 0x80000001, kEcx, 5},
    {"MOVBE", 3, 1, kEcx, 22},      {"OSXSAVE", 3, 1, kEcx, 27},
    {"AVX512F", 4, 7, kEbx, 16},    {"AVX512DQ", 4, 7, kEbx, 17},
    {"AVX512CD", 4, 7, kEbx, 28},   {"AVX512BW", 4, 7, kEbx, 30},
    {"AVX512VL", 4, 7, kEbx, 31},
};

// Register state that the operating system must save: XMM and YMM; from level 4 also the AVX-512 masks and ZMM.
constexpr unsigned kStateOfLevel3 = 0x6;
constexpr unsigned kStateOfLevel4 = 0xe6;

bool has(const Feature& feature) {
  unsigned registers[4] = {};
  if (__get_cpuid_count(feature.leaf, 0, &registers[kEax], &registers[kEbx], &registers[kEcx], &registers[kEdx]) == 0) {
    return false;
  }
  return ((registers[feature.where] >> feature.bit) & 1U) != 0;
}

// Only of use where the processor has OSXSAVE.
bool system_saves(unsigned wanted_state) {
  unsigned low = 0;
  unsigned high = 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (low & wanted_state) == wanted_state;
}

// A message that grows piece by piece and is written in one go; what does not fit is cut.
struct Message {
  char text[1024];
  size_t length;

  void add(const char* piece) {
    size_t piece_length = strlen(piece);
    const size_t room = sizeof(text) - 1 - length;  // the last byte stays zero
    if (piece_length > room) piece_length = room;
    memcpy(text + length, piece, piece_length);
    length += piece_length;
  }
};

// What is missing, as a list in words, and the lowest level that it belongs to (one above kLevel: nothing is missing).
struct Missing {
  Message names;
  unsigned lowest_level;

  void add(const char* name, unsigned level) {
    names.add(names.length == 0 ? "" : ", ");
    names.add(name);
    if (level < lowest_level) lowest_level = level;
  }
};

constexpr unsigned kLevel = FULMAR_BASELINE_LEVEL;
constexpr unsigned kState = kLevel >= 4 ? kStateOfLevel4 : kStateOfLevel3;
constexpr const char* kLevelNames[] = {"", "x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4"};

Missing find_missing() {
  Missing missing = {{}, kLevel + 1};
  bool state_is_readable = false;
  for (const Feature& feature : kFeatures) {
    if (feature.level > kLevel) continue;
    if (!has(feature)) {
      missing.add(feature.name, feature.level);
    } else if (strcmp(feature.name, "OSXSAVE") == 0) {
      state_is_readable = true;
    }
  }
  if (state_is_readable && !system_saves(kState)) missing.add("vector registers saved by the system", kLevel);
  return missing;
}

__attribute__((constructor(101))) void refuse_a_cpu_that_cannot_run_this_build() {
  const Missing missing = find_missing();
  if (missing.lowest_level > kLevel) return;
  Message message = {};
  message.add("fulmar: this processor cannot run this build, made for ");
  message.add(kLevelNames[kLevel]);
  message.add(": it lacks ");
  message.add(missing.names.text);
  message.add(".\nUse another machine, or rebuild with -DFULMAR_BASELINE=");
  message.add(kLevelNames[missing.lowest_level - 1]);
  message.add("; all nodes of a run must then use that build, because another build may give other bits.\n");
  // There is nobody left to tell when stderr is closed.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, message.text, message.length);
  _exit(1);
}

}  // namespace
