package io.dropserver.backup.engine;

import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Stream;

/**
 * An appspace to back up.
 *
 * @param dataId id of its data folder
 * @param files its data
 * @param storageBytes its limit
 */
public record BackupSource(
    String appspace, String dataId, Path files, long storageBytes, AppspaceDeclaration declared) {

  /**
   * Properties that are restored with the data, or identify its origin.
   *
   * @param content identifies the files of the app version
   * @param source the pinned source of that version
   * @param users permissions by user, without the owner
   * @param revision the commit that declared the appspace
   */
  public record AppspaceDeclaration(
      String app,
      String version,
      String content,
      String source,
      String owner,
      SortedMap<String, List<String>> users,
      String revision) {}

  /** Returns all tags of its snapshots. */
  List<String> tags() {
    return Stream.concat(
            group().stream(), Stream.of("version:" + declared.version(), "data:" + dataId))
        .toList();
  }

  /**
   * Returns the tags that all its snapshots share. An appspace of the same name with another app or
   * owner has different ones.
   */
  List<String> group() {
    return group(appspace, declared.app(), declared.owner());
  }

  /** Returns the shared tags for an appspace without a declaration. */
  public static List<String> group(String appspace, String app, String owner) {
    return List.of("appspace:" + appspace, "app:" + app, "owner:" + owner);
  }
}
