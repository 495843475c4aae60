<?php
// Configuration of one run: addresses come from the environment.
define('DB_NAME', getenv('PEER_DATABASE'));
define('DB_USER', 'root');
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:' . getenv('PEER_DATABASE_SOCKET'));
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('WP_HOME', getenv('PEER_URL'));
define('WP_SITEURL', getenv('PEER_URL'));
define('WP_ENVIRONMENT_TYPE', 'local'); // application passwords work over plain http
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('DISABLE_WP_CRON', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
define('WP_DEBUG', false);
foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $word) {
    define("{$word}_KEY", hash('sha256', getenv('PEER_DATABASE_SOCKET') . $word . 'key'));
    define("{$word}_SALT", hash('sha256', getenv('PEER_DATABASE_SOCKET') . $word . 'salt'));
}
$table_prefix = 'wp_';
if (!defined('ABSPATH')) {
    define('ABSPATH', __DIR__ . '/');
}
require_once ABSPATH . 'wp-settings.php';
