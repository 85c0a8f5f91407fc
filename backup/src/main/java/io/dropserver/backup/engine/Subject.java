package io.dropserver.backup.engine;

import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Stream;

/**
 * An appspace to be backed up.
 *
 * @param dataId of its data folder
 * @param files its data
 * @param storageBytes its limit
 */
public record Subject(
    String appspace, String dataId, Path files, long storageBytes, Declaration declared) {

  /**
   * What is restored with the data, or tells what it belongs to.
   *
   * @param content identifies the app version's files
   * @param source where that version comes from, pinned
   * @param users permissions by user, the owner left out
   * @param revision the commit that declared it
   */
  public record Declaration(
      String app,
      String version,
      String content,
      String source,
      String owner,
      SortedMap<String, List<String>> users,
      String revision) {}

  /** All tags of its snapshots. */
  List<String> tags() {
    return Stream.concat(
            group().stream(), Stream.of("version:" + declared.version(), "data:" + dataId))
        .toList();
  }

  /**
   * Tags that its snapshots share; those of an appspace of the same name but another app or owner
   * differ.
   */
  List<String> group() {
    return group(appspace, declared.app(), declared.owner());
  }

  /** The same without a declaration. */
  public static List<String> group(String appspace, String app, String owner) {
    return List.of("appspace:" + appspace, "app:" + app, "owner:" + owner);
  }
}
