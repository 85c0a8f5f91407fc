package io.dropserver.reconciler.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.reconciler.source.PollResult;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReasonsTest {

  @Test
  void everyTypeAndReasonIsDocumented() throws Exception {
    String page = Files.readString(Path.of("../docs/conditions.md"));
    List<String> words = new ArrayList<>();
    for (Field field : Reasons.class.getDeclaredFields()) {
      if (field.getType() == String.class) {
        words.add(String.valueOf(field.get(null)));
      }
    }
    Arrays.stream(PollResult.RefusalReason.values()).forEach(r -> words.add(r.condition()));
    Arrays.stream(PollResult.UnreachableReason.values()).forEach(r -> words.add(r.condition()));
    assertThat(words).hasSizeGreaterThan(20);
    assertThat(words).allSatisfy(word -> assertThat(page).contains("`" + word + "`"));
  }
}
