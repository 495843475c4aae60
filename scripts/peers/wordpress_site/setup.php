<?php
// setup.php SITE: installs WordPress, makes the brand's account, and prints it as JSON.
define('WP_INSTALLING', true);
$_SERVER['HTTP_HOST'] = parse_url(getenv('PEER_URL'), PHP_URL_HOST) . ':'
    . parse_url(getenv('PEER_URL'), PHP_URL_PORT);
$_SERVER['REQUEST_URI'] = '/';
require $argv[1] . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';

wp_install('The brand\'s blog', 'owner', 'owner@example.test', true, '', wp_generate_password(24));

// Comments appear at once; paths like /wp-json/ work.
update_option('comment_moderation', 0);
update_option('comment_previously_approved', 0);
update_option('comments_notify', 0);
update_option('moderation_notify', 0);
update_option('timezone_string', 'UTC');
$GLOBALS['wp_rewrite']->set_permalink_structure('/%postname%/');
flush_rewrite_rules(false);

// An editor may answer, moderate, upload and plan posts, and is no administrator.
$brand = wp_insert_user([
    'user_login' => 'brand',
    'user_pass' => wp_generate_password(24),
    'user_email' => 'brand@example.test',
    'display_name' => 'Brand',
    'role' => 'editor',
]);
if (is_wp_error($brand)) {
    fwrite(STDERR, $brand->get_error_message() . "\n");
    exit(1);
}
$made = WP_Application_Passwords::create_new_application_password($brand, ['name' => 'replydesk']);

foreach (get_comments(['fields' => 'ids']) as $sample) {
    wp_delete_comment($sample, true);
}
wp_update_post([
    'ID' => 1,
    'post_author' => $brand,
    'post_title' => 'Our new kettle',
    'post_name' => 'our-new-kettle',
    'post_content' => 'It boils a litre in two minutes. Tell us what you think!',
]);

echo json_encode([
    'brand' => ['user' => 'brand', 'application_password' => $made[0]],
    'post_id' => 1,
]);
