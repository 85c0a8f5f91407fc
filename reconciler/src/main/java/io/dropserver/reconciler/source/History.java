package io.dropserver.reconciler.source;

import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.eclipse.jgit.dircache.DirCache;
import org.eclipse.jgit.dircache.DirCacheEditor;
import org.eclipse.jgit.dircache.DirCacheEntry;
import org.eclipse.jgit.lib.CommitBuilder;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.merge.MergeStrategy;
import org.eclipse.jgit.merge.Merger;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.treewalk.TreeWalk;
import org.eclipse.jgit.treewalk.filter.TreeFilter;

/** Reads and creates commits in the local repository. Thread-safe. */
public final class History {
  private final Repository repository;
  private final Optional<SigningKey> signing;

  /**
   * @param signing key that signs the commits made here
   */
  History(Repository repository, Optional<SigningKey> signing) {
    this.repository = repository;
    this.signing = signing;
  }

  /**
   * The author of a commit.
   *
   * @param email never blank, because Git refuses a blank address
   */
  public record Author(String name, String email) {}

  /** The committer of all commits that this server creates. */
  public static final Author SERVER = new Author("Dropserver", "dropserver@dropserver.invalid");

  private static final int MAX_SEARCHED = 100;

  /** The prefix of the names of all branches that this server creates. */
  public static final String BRANCHES = "dropserver/";

  /**
   * Creates a commit that adds or replaces one file. The server is its committer.
   *
   * @return the ID of the commit; no reference points at it yet
   */
  public String commit(
      String base, String path, byte[] content, Author author, String message, Instant time) {
    return commit(base, Map.of(path, content), author, message, time);
  }

  /**
   * Creates a commit that adds or replaces files. The server is its committer.
   *
   * @param files contents by path
   * @return the ID of the commit; no reference points at it yet
   */
  public String commit(
      String base, Map<String, byte[]> files, Author author, String message, Instant time) {
    try (ObjectInserter inserter = repository.newObjectInserter();
        RevWalk walk = new RevWalk(repository)) {
      RevCommit parent = parse(walk, base);
      DirCache index = DirCache.read(walk.getObjectReader(), parent.getTree());
      DirCacheEditor editor = index.editor();
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        editor.add(edit(file.getKey(), inserter.insert(Constants.OBJ_BLOB, file.getValue())));
      }
      editor.finish();
      CommitBuilder commit = new CommitBuilder();
      commit.setTreeId(index.writeTree(inserter));
      commit.setParentId(parent);
      commit.setAuthor(person(author, time));
      commit.setCommitter(person(SERVER, time));
      commit.setMessage(message);
      signing.ifPresent(key -> key.sign(repository, commit));
      ObjectId id = inserter.insert(commit);
      inserter.flush();
      return id.name();
    } catch (IOException e) {
      throw unreadable(base, e);
    }
  }

  private static PersonIdent person(Author author, Instant time) {
    return new PersonIdent(author.name(), author.email(), time, ZoneOffset.UTC);
  }

  private static DirCacheEditor.PathEdit edit(String path, ObjectId blob) {
    return new DirCacheEditor.PathEdit(path) {
      @Override
      public void apply(DirCacheEntry entry) {
        if (entry.getRawMode() == 0) {
          entry.setFileMode(FileMode.REGULAR_FILE);
        }
        entry.setObjectId(blob);
      }
    };
  }

  /** Returns whether a commit is the head or an ancestor of it. */
  public boolean contains(String head, String commit) {
    return read(
        head, walk -> has(commit) && walk.isMergedInto(parse(walk, commit), parse(walk, head)));
  }

  public boolean has(String commit) {
    return read(commit, _ -> repository.getObjectDatabase().has(ObjectId.fromString(commit)));
  }

  public String message(String commit) {
    return read(commit, walk -> parse(walk, commit).getFullMessage());
  }

  public Author committer(String commit) {
    PersonIdent person = read(commit, walk -> parse(walk, commit).getCommitterIdent());
    return new Author(person.getName(), person.getEmailAddress());
  }

  /**
   * Returns the newest of the latest hundred commits of a branch that the server committed with
   * this line in its message. Follows first parents.
   */
  public Optional<String> newestByServer(String head, String line) {
    return read(
        head,
        walk -> {
          RevCommit commit = parse(walk, head);
          for (int seen = 0; seen < MAX_SEARCHED; seen++) {
            PersonIdent person = commit.getCommitterIdent();
            // A reviewer who amends the commit keeps its message but becomes its committer.
            if (new Author(person.getName(), person.getEmailAddress()).equals(SERVER)
                && commit.getFullMessage().lines().anyMatch(line::equals)) {
              return Optional.of(commit.name());
            }
            if (commit.getParentCount() == 0) {
              break;
            }
            commit = walk.parseCommit(commit.getParent(0));
          }
          return Optional.empty();
        });
  }

  /**
   * Returns whether the commit and the head both change a file, compared with the commit's parent.
   */
  public boolean conflictsWith(String commit, String head) {
    return read(
        commit,
        walk -> {
          RevCommit ours = parse(walk, commit);
          RevCommit base = walk.parseCommit(ours.getParent(0));
          try (TreeWalk trees = new TreeWalk(repository)) {
            trees.setRecursive(true);
            trees.setFilter(TreeFilter.ANY_DIFF);
            trees.addTree(base.getTree());
            trees.addTree(ours.getTree());
            trees.addTree(parse(walk, head).getTree());
            boolean conflict = false;
            while (!conflict && trees.next()) {
              conflict = !trees.idEqual(0, 1) && !trees.idEqual(0, 2);
            }
            return conflict;
          }
        });
  }

  /** Returns whether Git merges the two commits without a conflict. */
  public boolean merges(String commit, String head) {
    return read(
        commit,
        walk -> {
          Merger merger = MergeStrategy.RESOLVE.newMerger(repository, true);
          return merger.merge(parse(walk, commit), parse(walk, head));
        });
  }

  /** Returns the files that a commit adds or replaces, compared with its parent. */
  public Map<String, byte[]> changes(String commit) {
    return read(
        commit,
        walk -> {
          RevCommit ours = parse(walk, commit);
          Map<String, byte[]> files = new TreeMap<>();
          try (TreeWalk trees = new TreeWalk(repository)) {
            trees.setRecursive(true);
            trees.setFilter(TreeFilter.ANY_DIFF);
            trees.addTree(walk.parseCommit(ours.getParent(0)).getTree());
            trees.addTree(ours.getTree());
            while (trees.next()) {
              if (trees.getRawMode(1) != 0) {
                files.put(trees.getPathString(), repository.open(trees.getObjectId(1)).getBytes());
              }
            }
          }
          return files;
        });
  }

  private interface Reader<T> {
    T read(RevWalk walk) throws IOException;
  }

  private <T> T read(String commit, Reader<T> reader) {
    try (RevWalk walk = new RevWalk(repository)) {
      return reader.read(walk);
    } catch (IOException e) {
      throw unreadable(commit, e);
    }
  }

  private static RevCommit parse(RevWalk walk, String commit) throws IOException {
    return walk.parseCommit(ObjectId.fromString(commit));
  }

  private static SourceException unreadable(String commit, IOException cause) {
    return new SourceException(
        "commit " + commit + " is not readable here: " + cause.getMessage(), cause);
  }
}
