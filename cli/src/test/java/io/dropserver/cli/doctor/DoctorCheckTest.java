package io.dropserver.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DoctorCheckTest {

  @ParameterizedTest
  @CsvSource({
    "0.11.0, true",
    "0.8.0, true",
    "1.0, true",
    "0.8, false",
    "0.7.9, false",
    "0.8.0-2ubuntu1, true",
    "unknown version, false",
    "does not start, false"
  })
  void anOlderVersionCountsAsMissing(String found, boolean present) {
    DoctorCheck doctorCheck =
        DoctorCheck.present("bwrap", true, found + ", /usr/bin/bwrap", "because");
    DoctorCheck checked = doctorCheck.atLeast("0.8.0", "apt-get install bubblewrap");
    assertThat(checked.present()).isEqualTo(present);
    assertThat(checked.remedy()).isEqualTo(present ? "" : "apt-get install bubblewrap");
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void aMissingProgramStaysMissingInTheVersionCheck(boolean required) {
    DoctorCheck doctorCheck =
        DoctorCheck.missing("bwrap", required, "not found", "because", "remedy");
    assertThat(doctorCheck.atLeast("0.8.0", "other")).isSameAs(doctorCheck);
  }
}
