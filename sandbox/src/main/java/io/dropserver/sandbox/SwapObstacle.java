package io.dropserver.sandbox;

/**
 * Why this machine cannot move the memory of sleeping sandboxes to swap.
 *
 * @param detail the reason, as a main clause
 * @param remedy what an operator can do
 */
public record SwapObstacle(String detail, String remedy) {
  public static final SwapObstacle NO_CGROUP =
      new SwapObstacle(
          "the server has no cgroup", "delegate one, see layer cgroup of dropserver doctor");

  public static final SwapObstacle CGROUP_V1 =
      new SwapObstacle(
          "this machine uses cgroup v1",
          "start the kernel with systemd.unified_cgroup_hierarchy=1, or remove sandbox.swap");

  public static final SwapObstacle OLD_KERNEL =
      new SwapObstacle(
          "the kernel has no memory.reclaim", "use Linux 5.19 or newer, or remove sandbox.swap");

  public static final SwapObstacle NO_SWAP =
      new SwapObstacle("this machine has no swap", "add encrypted swap, or remove sandbox.swap");

  /** Swap is forbidden to a cgroup and to all groups below it. */
  public static SwapObstacle forbidden(String group) {
    return new SwapObstacle(
        "memory.swap.max of the cgroup " + group + " is 0",
        "permit swap to the server (systemd: MemorySwapMax, docker: --memory-swap)");
  }

  /** Returns the obstacle and its remedy as a sentence about the setting. */
  public String message() {
    return "sandbox.swap has no effect: " + detail + "; " + remedy;
  }
}
