@NullMarked
package io.dropserver.cli.logging;

import org.jspecify.annotations.NullMarked;
